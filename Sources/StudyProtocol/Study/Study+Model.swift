extension Study {
  /// The network that is trained, and from which weights it starts.
  public struct Model: Codable, Sendable, Equatable {
    public enum Norm: String, Codable, Sendable, CaseIterable { case batch, group, instance }

    public var architecture: Architecture
    /// U-Net and small CNN: the channels of each level, from the finest.
    public var channels: [Int]
    /// U-Net: the stride from each level to the next.
    public var strides: [Int]
    /// U-Net: residual units of each level; 0 for plain convolutions (MONAI's `num_res_units`).
    public var residualUnits: Int
    /// The kind of normalisation layer of convolutional networks.
    public var norm: Norm
    public var dropout: Double
    /// MLP: the width of each hidden layer.
    public var hidden: [Int]
    /// Seeds the initial weights; nil for the study's seed.
    public var seed: UInt64?
    /// A safetensors file of weights to start from, relative to the study file, with PyTorch's names.
    public var initialWeights: String?

    public init(
      architecture: Architecture, channels: [Int] = [], strides: [Int] = [], residualUnits: Int = 0,
      norm: Norm = .batch, dropout: Double = 0, hidden: [Int] = [], seed: UInt64? = nil,
      initialWeights: String? = nil
    ) {
      self.architecture = architecture
      self.channels = channels
      self.strides = strides
      self.residualUnits = residualUnits
      self.norm = norm
      self.dropout = dropout
      self.hidden = hidden
      self.seed = seed
      self.initialWeights = initialWeights
    }

    /// Whether a batch normalisation sees as little as one value of an example per channel, so that a batch
    /// of one example gives it no statistics. In a U-Net each pixel or voxel is such a value.
    public var normalisesWholeImages: Bool {
      architecture.descriptor.purpose == .wholeImages && norm == .batch
    }

    private enum CodingKeys: String, CodingKey {
      case architecture, channels, strides, norm, dropout, hidden, seed
      case residualUnits = "residual-units"
      case initialWeights = "initial-weights"
    }
  }
}
