extension Study {
  /// The network, and its initial weights.
  public struct Model: Codable, Sendable, Equatable {
    public enum Norm: String, Codable, Sendable, CaseIterable { case batch, group, instance }

    public var architecture: Architecture
    /// For U-Net and small CNN: the channels of each level, from the finest.
    public var channels: [Int]
    /// For U-Net: the stride from each level to the next.
    public var strides: [Int]
    /// For U-Net: the residual units per level; 0 for plain convolutions (MONAI's `num_res_units`).
    public var residualUnits: Int
    /// The kind of normalisation layer of convolutional networks.
    public var norm: Norm
    public var dropout: Double
    /// For MLP: the width of each hidden layer.
    public var hidden: [Int]
    /// The seed of the initial weights; `nil` for the study's seed.
    public var seed: UInt64?
    /// A safetensors file of initial weights with PyTorch's names, relative to the study file.
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

    /// Whether batch normalisation may see only one value per channel of an example, so that a batch of one
    /// example yields no statistics. This cannot happen in a U-Net, where each pixel or voxel is such a
    /// value.
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
