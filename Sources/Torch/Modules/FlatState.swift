/// All tensors of a module as one flat vector, in the order of its `state`.
///
/// Created once per model, so that loading and exporting are one call each.
public struct FlatState {
  public let entries: [StateEntry]
  /// The number of scalars in all tensors.
  public let count: Int
  private let all: TensorList

  public init(of module: some Module) throws(TorchError) {
    entries = module.state
    all = try TensorList(entries.map(\.tensor))
    count = all.scalarCount
  }

  /// Overwrites all tensors of the module.
  ///
  /// - Throws: ``TorchError`` with code `.invalidArgument` unless there are exactly `count` values.
  public func load(from values: UnsafeBufferPointer<Float>) throws(TorchError) { try all.load(from: values) }

  /// Copies all tensors of the module to memory, each in row-major order.
  ///
  /// - Throws: ``TorchError`` with code `.invalidArgument` unless there is room for exactly `count` values.
  public func export(to values: UnsafeMutableBufferPointer<Float>) throws(TorchError) {
    try all.export(to: values)
  }

  /// The tensors that the optimizer changes.
  ///
  /// - Parameter isIncluded: Whether an entry belongs to the part of a divided model that is trained here.
  public func trainable(where isIncluded: (StateEntry) -> Bool = { _ in true }) throws(TorchError)
    -> TensorList
  {
    try TensorList(entries.filter { $0.role == .trainable && isIncluded($0) }.map(\.tensor))
  }

  /// New tensors with the shapes of the trainable tensors. They are filled from a flat vector of all tensors,
  /// in which the values for other tensors are ignored.
  ///
  /// Used for the terms that workflows add to the gradients: SCAFFOLD's offset, FedProx's global weights.
  public func trainableCopies(
    from values: UnsafeBufferPointer<Float>, where isIncluded: (StateEntry) -> Bool = { _ in true }
  ) throws(TorchError) -> TensorList {
    guard values.count == count else {
      throw TorchError(.invalidArgument, "expected \(count) values for the model, got \(values.count)")
    }
    var trained: [Float] = []
    var start = 0
    for entry in entries {
      let end = start + entry.tensor.count
      if entry.role == .trainable, isIncluded(entry) { trained += values[start..<end] }
      start = end
    }
    let copies = try trainable(where: isIncluded).zerosLike()
    try trained.withUnsafeBufferPointer { values throws(TorchError) in try copies.load(from: values) }
    return copies
  }
}
