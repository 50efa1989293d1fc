/// One tensor of a module with its name in PyTorch's `state_dict`.
public struct StateEntry {
  public enum Role: String, Sendable {
    /// The tensor is a parameter, which the optimizer changes.
    case trainable
    /// The tensor is a buffer, such as a running mean, which the forward pass changes.
    case buffer
  }

  public var name: String
  public let tensor: Tensor
  public let role: Role

  public static func parameter(_ name: String, _ tensor: Tensor) -> Self {
    .init(name: name, tensor: tensor, role: .trainable)
  }

  public static func buffer(_ name: String, _ tensor: Tensor) -> Self {
    .init(name: name, tensor: tensor, role: .buffer)
  }

  /// The weight and, if there is one, the bias of a layer.
  static func affine(_ weight: Tensor?, _ bias: Tensor?) -> [Self] {
    [weight.map { parameter("weight", $0) }, bias.map { parameter("bias", $0) }].compactMap(\.self)
  }
}
