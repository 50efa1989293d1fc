/// A part of a network: tensors with PyTorch's `state_dict` names, and a function of one tensor.
///
/// Modules are plain structs that hold tensors, which are references: a copy of a module shares its
/// parameters. A new module only lists its own tensors and its children; loading, export, moving and the
/// optimizers follow from these two lists.
///
/// ```swift
/// struct Classifier: Module {
///   let features: Sequential, head: Linear
///   var children: Children { ["features": features, "head": head] }
///   func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor {
///     try head(features(input, mode).flatten(from: 1))
///   }
/// }
/// ```
public protocol Module {
  /// The module's own tensors, in the order of its `state_dict`: parameters, then buffers.
  var ownState: [StateEntry] { get }

  /// The modules inside this one, in the order in which PyTorch registers them.
  var children: Children { get }

  func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor
}

/// The mode in which a module runs: training or evaluation.
public enum Mode {
  /// In training, batch normalisation uses the statistics of the batch, and dropout draws from the generator.
  case training(Generator)
  /// In evaluation, batch normalisation uses its running statistics, and dropout changes nothing.
  case evaluation

  public var isTraining: Bool {
    if case .training = self { true } else { false }
  }
}

/// The named modules inside a module, in order. In a literal, a module that is `nil` is left out.
public struct Children: ExpressibleByDictionaryLiteral {
  public private(set) var modules: [(name: String, module: any Module)]

  public init(_ modules: [(name: String, module: any Module)]) { self.modules = modules }

  public init(dictionaryLiteral elements: (String, (any Module)?)...) {
    modules = elements.compactMap { name, module in module.map { (name, $0) } }
  }
}

extension Module {
  public var ownState: [StateEntry] { [] }
  public var children: Children { [:] }

  /// All tensors with their full names, in the order of PyTorch's `state_dict`, without
  /// `num_batches_tracked`.
  public var state: [StateEntry] { state(prefix: "") }

  /// The tensors that the optimizer changes, in the order of `state`.
  public var parameters: [Tensor] { state.filter { $0.role == .trainable }.map(\.tensor) }

  private func state(prefix: String) -> [StateEntry] {
    var entries = ownState
    for index in entries.indices { entries[index].name = prefix + entries[index].name }
    for child in children.modules { entries += child.module.state(prefix: prefix + child.name + ".") }
    return entries
  }

  /// Moves all tensors to a device and stores the kernels of convolutions in a memory format, in place.
  ///
  /// Create optimizers after the move.
  /// - Throws: ``TorchError`` with code `.unavailable` if the device does not exist.
  public func move(to device: Device, _ format: MemoryFormat = .contiguous) throws(TorchError) {
    for entry in state {
      let tensor = entry.tensor
      let moved = try tensor.to(device)
      let fits = format.rank == nil || format.rank == tensor.rank
      try tensor.replaceData(by: fits ? moved.contiguous(in: format) : moved)
    }
  }
}
