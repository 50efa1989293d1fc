import CTorch

/// Batch normalisation over any number of spatial axes (Ioffe and Szegedy 2015; `BatchNorm1d`, `2d`, `3d`).
public struct BatchNorm: Module {
  public let weight: Tensor
  public let bias: Tensor
  public let runningMean: Tensor
  public let runningVariance: Tensor
  private let momentum: Double
  private let epsilon: Double

  /// - Parameter momentum: the weight of each batch's statistics in the running statistics.
  public init(_ channels: Int, momentum: Double = 0.1, epsilon: Double = 1e-5) throws(TorchError) {
    weight = try Initialiser.constant(1, count: channels)
    bias = try Initialiser.constant(0, count: channels)
    runningMean = try Tensor.zeros([channels])
    runningVariance = try Tensor.ones([channels])
    self.momentum = momentum
    self.epsilon = epsilon
  }

  public var ownState: [StateEntry] {
    StateEntry.affine(weight, bias) + [
      .buffer("running_mean", runningMean), .buffer("running_var", runningVariance),
    ]
  }

  /// - Throws: ``TorchError``, for example if a training batch has only one value per channel, which has no
  ///   variance.
  public func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor {
    if mode.isTraining, input.shape.enumerated().allSatisfy({ $0.offset == 1 || $0.element == 1 }) {
      throw TorchError(
        .invalidArgument,
        "batch normalisation needs at least two values per channel for training, but there is one")
    }
    return try Tensor.make {
      ct_batch_norm(
        input.handle, weight.handle, bias.handle, runningMean.handle, runningVariance.handle,
        mode.isTraining, momentum, epsilon, $0, $1)
    }
  }
}

/// Group normalisation (Wu and He 2018). It keeps no running statistics, and so suits small batches and sites
/// whose images differ.
public struct GroupNorm: Module {
  public let weight: Tensor
  public let bias: Tensor
  private let groups: Int
  private let epsilon: Double

  /// - Parameter groups: must divide `channels`.
  public init(groups: Int, _ channels: Int, epsilon: Double = 1e-5) throws(TorchError) {
    guard groups > 0, channels.isMultiple(of: groups) else {
      throw TorchError(.invalidArgument, "\(channels) channels cannot be split into \(groups) equal groups")
    }
    weight = try Initialiser.constant(1, count: channels)
    bias = try Initialiser.constant(0, count: channels)
    self.groups = groups
    self.epsilon = epsilon
  }

  public var ownState: [StateEntry] { StateEntry.affine(weight, bias) }

  public func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor {
    try Tensor.make { ct_group_norm(input.handle, groups, weight.handle, bias.handle, epsilon, $0, $1) }
  }

  public func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor { try self(input) }
}

/// Instance normalisation (Ulyanov et al. 2016), which normalises each channel of each example separately.
public struct InstanceNorm: Module {
  public let weight: Tensor?
  public let bias: Tensor?
  private let epsilon: Double

  /// - Parameter affine: whether each channel has a trained scale and offset; PyTorch and MONAI default to
  ///   `false`.
  public init(_ channels: Int, affine: Bool = false, epsilon: Double = 1e-5) throws(TorchError) {
    weight = affine ? try Initialiser.constant(1, count: channels) : nil
    bias = affine ? try Initialiser.constant(0, count: channels) : nil
    self.epsilon = epsilon
  }

  public var ownState: [StateEntry] { StateEntry.affine(weight, bias) }

  public func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor {
    try Tensor.make { ct_instance_norm(input.handle, weight?.handle, bias?.handle, epsilon, $0, $1) }
  }

  /// - Throws: ``TorchError``, for example if a training example has only one value per channel, which has no
  ///   variance.
  public func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor {
    if mode.isTraining, input.shape.dropFirst(2).allSatisfy({ $0 == 1 }) {
      throw TorchError(
        .invalidArgument,
        "instance normalisation needs at least two values per channel for training, but there is one")
    }
    return try self(input)
  }
}
