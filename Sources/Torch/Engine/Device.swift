import CTorch

/// The device that holds a tensor and computes with it.
public enum Device: Hashable, Sendable, CustomStringConvertible {
  case cpu
  /// The GPU with this index.
  case cuda(Int)

  init(_ device: CTDevice) { self = device.cuda < 0 ? .cpu : .cuda(Int(device.cuda)) }

  var shim: CTDevice {
    switch self {
    case .cpu: CTDevice(cuda: -1)
    case .cuda(let index): CTDevice(cuda: Int32(clamping: index))
    }
  }

  public var description: String {
    switch self {
    case .cpu: "cpu"
    case .cuda(let index): "cuda:\(index)"
    }
  }
}
