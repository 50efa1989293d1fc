import StudyProtocol
import Torch

/// Makes the normalisation layers of a convolutional network, all of the same kind.
struct NormLayer {
  private let kind: Study.Model.Norm
  private let groups: Int

  /// - Parameters:
  ///   - groups: the maximum number of groups of a group normalisation. All layers have the same number of
  ///     groups: the largest number, up to this maximum, that divides all of `channels`. The same network can
  ///     then be built in PyTorch and MONAI.
  ///   - channels: the number of channels of each layer.
  init(_ kind: Study.Model.Norm, atMost groups: Int, dividing channels: [Int]) {
    self.kind = kind
    self.groups = (1...groups).last { count in channels.allSatisfy { $0.isMultiple(of: count) } } ?? 1
  }

  func callAsFunction(_ channels: Int) throws(TorchError) -> any Module {
    switch kind {
    case .batch: try BatchNorm(channels)
    case .group: try GroupNorm(groups: groups, channels)
    case .instance: try InstanceNorm(channels)
    }
  }
}
