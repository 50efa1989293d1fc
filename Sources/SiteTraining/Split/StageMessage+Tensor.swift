import FederatedCore
import Torch

extension StageMessage {
  /// A message with a tensor, in the type in which it was computed and in the order of its memory format.
  init(_ kind: Kind, carrying tensor: Tensor) throws {
    let format = tensor.suggestedFormat
    let stored = try format.storageOrder.map { try tensor.permute($0) } ?? tensor
    func copy<Element>() throws -> VectorBuffer<Element> {
      try VectorBuffer(unsafeUninitializedCount: tensor.count) { try stored.copyBytes(into: .init($0)) }
    }
    self.init(kind)
    switch tensor.dtype {
    case .float32: tensors[SplitTensor.single] = .f32(try copy())
    case .bfloat16: tensors[SplitTensor.half] = .bf16(try copy())
    default:
      throw ConsiliumError(
        .engine,
        "a tensor of the type \(tensor.dtype.rawValue) cannot be exchanged; expected float32 or bfloat16")
    }
    self[.shape] = tensor.shape
    self[.channelsLast] = format == .contiguous ? 0 : 1
  }

  /// The tensor of a message, with the type and memory format in which it was computed.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if there is none, or if its values do not fill its
  ///   shape.
  func tensor(on device: Device) throws -> Tensor {
    let shape = try require(.shape)
    let format = try memoryFormat(rank: shape.count)
    let found = try tensors[SplitTensor.single] ?? tensors[SplitTensor.half] ?? missing()
    guard shape.allSatisfy({ (1...1 << 32).contains($0) }), Self.count(shape) == found.count else {
      throw ConsiliumError(
        .invalidUpdate,
        "a message of the kind '\(kind)' has \(found.count) values, which do not fill its shape")
    }
    let stored = format.storageOrder.map { order in order.map { shape[$0] } } ?? shape
    let tensor = try found.withLittleEndianBytes { bytes in
      try Tensor(
        copyingBytes: bytes, dtype: found.elementType == .bf16 ? .bfloat16 : .float32, shape: stored)
    }
    return try (format.axisOrder.map { try tensor.permute($0) } ?? tensor).to(device)
  }

  private func memoryFormat(rank: Int) throws -> MemoryFormat {
    switch (try require(.channelsLast), rank) {
    case (0, _): return .contiguous
    case (1, 4): return .channelsLast
    case (1, 5): return .channelsLast3d
    default:
      throw ConsiliumError(
        .invalidUpdate, "a message of the kind '\(kind)' has a tensor in a memory format that does not exist")
    }
  }

  private func missing() throws -> StageTensor {
    throw ConsiliumError(.invalidUpdate, "a message of the kind '\(kind)' lacks its tensor")
  }

  /// The number of values of a shape; `nil` if it overflows.
  private static func count(_ shape: [Int]) -> Int? {
    var count = 1
    for extent in shape {
      let (product, overflows) = count.multipliedReportingOverflow(by: extent)
      if overflows { return nil }
      count = product
    }
    return count
  }

  /// The single-precision values of the tensor with this name; `nil` if it is absent.
  func f32(_ name: String) -> VectorBuffer<Float>? {
    if case .f32(let values)? = tensors[name] { values } else { nil }
  }
}

extension MemoryFormat {
  /// The axes of a tensor in the order of memory; `nil` if that is the order of the axes.
  fileprivate var storageOrder: [Int]? {
    switch self {
    case .contiguous: nil
    case .channelsLast: [0, 2, 3, 1]
    case .channelsLast3d: [0, 2, 3, 4, 1]
    }
  }

  /// The inverse of `storageOrder`.
  fileprivate var axisOrder: [Int]? {
    switch self {
    case .contiguous: nil
    case .channelsLast: [0, 3, 1, 2]
    case .channelsLast3d: [0, 4, 1, 2, 3]
    }
  }
}
