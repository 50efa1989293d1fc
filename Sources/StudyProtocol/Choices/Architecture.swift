extension Study.Model {
  public enum Architecture: String, Codable, Sendable, CaseIterable {
    case linear, mlp, cnn, resnet18, resnet34, resnet50, densenet121, unet
  }
}

extension Study.Model.Architecture {
  /// The description of an architecture, and the tasks and settings that it goes with.
  public struct Descriptor: Sendable {
    public enum Purpose: String, Sendable {
      /// Predicts a class or a risk for each row of a table.
      case tables
      /// Predicts a class or a risk for each image.
      case wholeImages = "whole images"
      /// Predicts a class for each pixel or voxel.
      case segmentation
    }

    public let purpose: Purpose
    /// The supported numbers of image dimensions; empty for tables.
    public let dimensions: [Int]
    /// The keys of `model` that apply to the architecture.
    public let settings: [StepDescriptor.Key]
    /// The architecture in words, for the explanation of the study.
    let words: String
  }

  public var descriptor: Descriptor {
    switch self {
    case .linear:
      Descriptor(
        purpose: .tables, dimensions: [], settings: [],
        words: "a linear one, one coefficient for each value")
    case .mlp:
      Descriptor(
        purpose: .tables, dimensions: [],
        settings: [.init("hidden", .required, "the width of each hidden layer, such as [64, 32]"), .dropout],
        words: "a multilayer perceptron, a small neural network for tables")
    case .cnn:
      Descriptor(
        purpose: .wholeImages, dimensions: [2],
        settings: [
          .init("channels", .defaultValue("[16, 32, 64]"), "the channels of each level"), .norm(.batch),
          .dropout,
        ], words: "a small convolutional neural network")
    case .resnet18, .resnet34, .resnet50:
      Descriptor(
        purpose: .wholeImages, dimensions: [2], settings: [.norm(.batch)],
        words: "a residual network with \(rawValue.dropFirst(6)) layers (ResNet)")
    case .densenet121:
      Descriptor(
        purpose: .wholeImages, dimensions: [2], settings: [.norm(.batch), .dropout],
        words: "a densely connected network with 121 layers (DenseNet)")
    case .unet:
      Descriptor(
        purpose: .segmentation, dimensions: [2, 3],
        settings: [
          .init("channels", .required, "the channels of each level, such as [16, 32, 64, 128]"),
          .init("strides", .defaultValue("all 2"), "the stride from each level to the next"),
          .init(
            "residual-units", .defaultValue("2"), "residual units of each level; 0 for plain convolutions"),
          .norm(.instance), .dropout,
        ], words: "a U-Net, the usual network for outlining structures")
    }
  }

  /// All keys of `model` that apply to only some architectures.
  static let settingKeys = ["channels", "strides", "residual-units", "norm", "dropout", "hidden"]
}

extension StepDescriptor.Key {
  fileprivate static let dropout = Self("dropout", .defaultValue("0"), "the share of values that is dropped")
  fileprivate static func norm(_ usual: Study.Model.Norm) -> Self {
    Self("norm", .defaultValue(usual.rawValue), "the normalisation layers: batch, group or instance")
  }
}
