import CTorch

/// An array of numbers of one type on one device, which records how it was computed.
///
/// A tensor is a reference: layers and optimizers change it in place. It is deliberately not `Sendable`,
/// because it stays with the trainer that created it. Every operation can fail, so operators are called with
/// `try`.
public final class Tensor {
  let handle: OpaquePointer

  init(adopting handle: OpaquePointer) { self.handle = handle }

  deinit { ct_tensor_free(handle) }

  /// The number of tensors and parameter lists alive in the process. Tests use it to prove that nothing
  /// leaks.
  public static var liveCount: Int { ct_live_handles() }

  public var rank: Int { ct_rank(handle) }

  public var shape: [Int] { (0..<rank).map { ct_size(handle, $0) } }

  /// The number of values.
  public var count: Int { ct_count(handle) }

  public var device: Device { Device(ct_device(handle)) }

  public var dtype: DType {
    var dtype = CTDType.float32
    let known = ct_dtype(handle, &dtype)
    precondition(known, "a tensor of a type that no operation here makes")
    return DType(dtype)
  }

  /// The size of one axis; negative axes count from the last.
  public func size(_ axis: Int) -> Int {
    let index = axis < 0 ? axis + rank : axis
    precondition((0..<rank).contains(index), "axis \(axis) of a tensor of rank \(rank)")
    return ct_size(handle, index)
  }

  public func isContiguous(in format: MemoryFormat = .contiguous) -> Bool {
    (format.rank ?? rank) == rank && ct_is_contiguous(handle, format.shim)
  }

  /// The memory format to which the strides of the tensor point. Unlike ``isContiguous(in:)``, exactly one
  /// format applies.
  public var suggestedFormat: MemoryFormat {
    switch ct_suggested_format(handle) {
    case .contiguous: .contiguous
    case .channelsLast: .channelsLast
    case .channelsLast3d: .channelsLast3d
    }
  }

  /// Runs a call of the shim and wraps its result as a tensor.
  @inline(__always)
  static func make(
    _ call: (UnsafeMutablePointer<OpaquePointer?>, MessagePointer) -> CTStatus
  ) throws(TorchError) -> Tensor {
    Tensor(adopting: try adopt(call))
  }
}

extension Tensor: CustomStringConvertible {
  /// The type, shape and device. The values are left out because they may be a patient's.
  public var description: String {
    "Tensor(\(dtype.rawValue), \(shape), \(device))"
  }
}
