import FederatedCore
import StudyProtocol
import Torch

/// The network architectures that a study can choose. To add one, add a file to this folder and a line here.
public enum ModelRegistry {
  /// Builds the network of a study with new weights.
  ///
  /// The same settings, shape and generator seed yield the same weights. The parameters have the same names
  /// and shapes as in torchvision (ResNet, DenseNet) and MONAI (U-Net), so that weights are interchangeable.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the settings do not describe a network;
  ///   `TorchError`.
  public static func makeModel(
    _ settings: Study.Model, for shape: ModelShape, generator: Generator
  ) throws -> any Module {
    try check(settings, shape)
    return switch settings.architecture {
    case .linear: try Linear(from: shape.inputs, to: shape.outputs, generator: generator)
    case .mlp: try MLP(settings, shape, generator)
    case .cnn: try SmallCNN(settings, shape, generator)
    case .resnet18: try ResNet(.resnet18, settings, shape, generator)
    case .resnet34: try ResNet(.resnet34, settings, shape, generator)
    case .resnet50: try ResNet(.resnet50, settings, shape, generator)
    case .densenet121: try DenseNet121(settings, shape, generator)
    case .unet: try UNet(settings, shape, generator)
    }
  }

  private static func check(_ settings: Study.Model, _ shape: ModelShape) throws {
    let name = settings.architecture.rawValue
    func require(_ condition: Bool, _ expected: String) throws {
      guard condition else { throw ConsiliumError(.invalidInput, "the model '\(name)' needs \(expected)") }
    }
    try require(shape.inputs > 0, "at least one input")
    try require(shape.outputs > 0, "at least one output")
    switch settings.architecture {
    case .linear: break
    case .mlp: try require(!settings.hidden.isEmpty, "hidden layers, such as hidden: [64, 32]")
    case .unet:
      try require([2, 3].contains(shape.dimensions), "images of 2 or 3 dimensions")
      try require(settings.channels.count >= 2, "two levels or more, such as channels: [16, 32, 64]")
      let steps = settings.channels.count - 1
      try require(settings.strides.count == steps, "\(steps) strides, one from each level to the next")
    case .cnn:
      try require(!settings.channels.isEmpty, "channels, such as channels: [16, 32, 64]")
      fallthrough
    case .resnet18, .resnet34, .resnet50, .densenet121:
      try require(shape.dimensions == 2, "images of 2 dimensions")
    }
  }
}
