import CTorch

/// The type of a tensor's values.
public enum DType: String, Hashable, Sendable, CaseIterable {
  case float32, float64, bfloat16, float16, int64, int32, uint8, bool

  init(_ dtype: CTDType) {
    self =
      switch dtype {
      case .float32: .float32
      case .float64: .float64
      case .bFloat16: .bfloat16
      case .float16: .float16
      case .int64: .int64
      case .int32: .int32
      case .uInt8: .uint8
      case .bool: .bool
      }
  }

  /// The number of bytes of one value.
  public var size: Int {
    switch self {
    case .uint8, .bool: 1
    case .bfloat16, .float16: 2
    case .float32, .int32: 4
    case .float64, .int64: 8
    }
  }

  var shim: CTDType {
    switch self {
    case .float32: .float32
    case .float64: .float64
    case .bfloat16: .bFloat16
    case .float16: .float16
    case .int64: .int64
    case .int32: .int32
    case .uint8: .uInt8
    case .bool: .bool
    }
  }
}

/// A Swift type whose values a tensor stores without conversion.
public protocol TensorElement: BitwiseCopyable, Sendable {
  static var dtype: DType { get }
}

extension Float: TensorElement { public static var dtype: DType { .float32 } }
extension Double: TensorElement { public static var dtype: DType { .float64 } }
extension Int64: TensorElement { public static var dtype: DType { .int64 } }
extension Int32: TensorElement { public static var dtype: DType { .int32 } }
extension UInt8: TensorElement { public static var dtype: DType { .uint8 } }
extension Bool: TensorElement { public static var dtype: DType { .bool } }

/// The order in which a batch of images is stored in memory. The shape of the tensor stays the same.
public enum MemoryFormat: String, Hashable, Sendable {
  /// The spatial axes vary fastest in memory, as in NCHW.
  case contiguous
  /// The channels of 2-D images vary fastest in memory: NHWC.
  case channelsLast = "channels-last"
  /// The channels of 3-D images vary fastest in memory: NDHWC.
  case channelsLast3d = "channels-last-3d"

  /// The format in which channels vary fastest, for images with 2 or 3 spatial axes.
  public static func channelsLast(dimensions: Int) -> Self {
    dimensions == 3 ? .channelsLast3d : .channelsLast
  }

  /// The number of axes of the tensors to which the format applies; `nil` if it applies to all tensors.
  var rank: Int? {
    switch self {
    case .contiguous: nil
    case .channelsLast: 4
    case .channelsLast3d: 5
    }
  }

  var shim: CTMemoryFormat {
    switch self {
    case .contiguous: .contiguous
    case .channelsLast: .channelsLast
    case .channelsLast3d: .channelsLast3d
    }
  }
}
