import FederatedCore
import StudyProtocol
import Testing
import Torch

@testable import SiteTraining

/// The sizes agree with those that PyTorch's hooks measured on torchvision's and MONAI's models.
@Suite struct ModelMeasurerTests {
  private func cuts(_ model: SplitModel) throws -> (cuts: [ModelSizes.Cut], count: Int) {
    let study = try model.study("optimizer: {name: sgd, learning-rate: 0.1}")
    let network = try model.network(study)
    let input = try Tensor.zeros([2] + model.shape)
    return (try ModelMeasurer.cuts(of: study.model, network, input), network.layout.count)
  }

  @Test func resNet18OfSide64() throws {
    let found = try cuts(
      SplitModel(
        name: "resnet18", settings: "architecture: resnet18",
        cuts: ["stem", "layer1", "layer2", "layer3"], shape: [3, 64, 64]))
    #expect(found.cuts.map(\.valuesDown) == [16_384, 16_384, 8192, 4096])
    #expect(found.cuts.map(\.valuesUp) == [512, 512, 512, 512])
    let shares = found.cuts.map { 100 * Double($0.siteParameters) / Double(found.count) }
    for (share, expected) in zip(shares.dropFirst(), [1.4, 6.2, 24.9]) {
      #expect(abs(share - expected) < 0.1)
    }
  }

  @Test func residualUNetOfSide128() throws {
    let found = try cuts(
      SplitModel(
        name: "unet", settings: "architecture: unet, channels: [16, 32, 64, 128], residual-units: 2",
        cuts: ["level1", "level2", "level3"], shape: [1, 128, 128], isMask: true))
    #expect(found.cuts.map(\.valuesDown) == [65_536, 32_768, 16_384])
    #expect(found.cuts.map(\.valuesUp) == [65_536, 32_768, 32_768])
    let shares = found.cuts.map { 100 * Double($0.siteParameters) / Double(found.count) }
    for (share, expected) in zip(shares, [0.8, 8.4, 42.9]) { #expect(abs(share - expected) < 0.2) }
  }
}
