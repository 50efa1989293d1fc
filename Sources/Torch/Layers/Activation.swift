import CTorch

/// The rectified linear unit: max(x, 0).
public struct ReLU: Module {
  public init() {}
  public func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor { try input.relu() }
}

/// A rectified linear unit with a trained slope for negative values (He et al. 2015).
public struct PReLU: Module {
  public let weight: Tensor

  /// - Parameter channels: 1 for one shared slope, or the number of channels for one slope per channel.
  public init(_ channels: Int = 1, slope: Double = 0.25) throws(TorchError) {
    weight = try Initialiser.constant(slope, count: channels)
  }

  public var ownState: [StateEntry] { [.parameter("weight", weight)] }

  public func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor {
    try Tensor.make { ct_prelu(input.handle, weight.handle, $0, $1) }
  }

  public func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor { try self(input) }
}

/// Sets values to zero with a given probability during training (Srivastava et al. 2014).
public struct Dropout: Module {
  private let probability: Double

  /// - Parameter probability: in 0...1.
  public init(_ probability: Double) {
    precondition((0...1).contains(probability), "a dropout probability of \(probability)")
    self.probability = probability
  }

  public func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor {
    guard case .training(let generator) = mode, probability > 0 else { return input }
    return try input.dropout(probability, generator: generator)
  }
}

/// Returns its input unchanged.
public struct IdentityLayer: Module {
  public init() {}
  public func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor { input }
}
