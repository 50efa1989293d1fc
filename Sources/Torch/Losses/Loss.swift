/// The quantity that training minimises: a scalar computed from a batch's outputs and targets.
///
/// Losses are computed in float32 whatever the type of the outputs, so call them outside
/// ``autocast(to:on:_:)``.
public protocol Loss {
  func callAsFunction(_ output: Tensor, _ target: Tensor) throws(TorchError) -> Tensor
}

extension Loss {
  /// Throws if the target has a different shape from `shape`. Broadcasting would otherwise accept it
  /// silently.
  func requireShape(_ target: Tensor, _ shape: [Int]) throws(TorchError) {
    guard target.shape == shape else {
      throw TorchError(
        .invalidArgument, "\(Self.self) expected a target of shape \(shape), got \(target.shape)")
    }
  }
}
