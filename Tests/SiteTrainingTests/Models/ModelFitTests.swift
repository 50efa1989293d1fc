import StudyProtocol
import Testing
import Torch

@testable import SiteTraining

/// The refused sizes are exactly those on which libtorch fails.
@Suite(.serialized) struct ModelFitTests {
  private func fails(_ model: Study.Model, on shape: [Int]) throws -> Bool {
    let module = try ModelRegistry.makeModel(
      model, for: ModelShape(inputs: shape[0], outputs: 2, dimensions: shape.count - 1),
      generator: Generator(seed: 1))
    do {
      let output = try module(Tensor.ones([2] + shape), .training(Generator(seed: 1)))
      return model.architecture == .unet && Array(output.shape.dropFirst(2)) != Array(shape.dropFirst())
    } catch {
      return true
    }
  }

  @Test(arguments: [
    (
      Study.Model(architecture: .cnn, channels: [4, 4, 4]), [[1, 3, 9], [1, 9, 3], [1, 4, 4], [1, 5, 7]]
    ),
    (.init(architecture: .resnet18), [[1, 1, 1], [1, 32, 31]]),
    (.init(architecture: .densenet121), [[1, 28, 29], [1, 29, 29]]),
    (
      .init(architecture: .unet, channels: [4, 4], strides: [2]),
      [[1, 33, 34], [1, 34, 33], [1, 34, 36], [1, 2, 4]]
    ),
    (
      .init(architecture: .unet, channels: [4, 4, 4], strides: [2, 2]),
      [[1, 10, 12], [1, 12, 8], [1, 2, 2]]
    ),
    (.init(architecture: .unet, channels: [4, 4], strides: [3]), [[1, 8, 9], [1, 9, 12]]),
    (.init(architecture: .unet, channels: [4, 4], strides: [2]), [[1, 3, 8, 8], [1, 4, 8, 8]]),
    (.init(architecture: .resnet18, norm: .instance), [[1, 4, 4], [1, 32, 32], [1, 33, 1], [1, 1, 33]]),
    (.init(architecture: .densenet121, norm: .instance), [[1, 60, 60], [1, 61, 29]]),
    (.init(architecture: .cnn, channels: [4, 4, 4], norm: .instance), [[1, 7, 7], [1, 4, 8], [1, 8, 4]]),
    (
      .init(architecture: .unet, channels: [4, 4, 4], strides: [2, 2], norm: .instance),
      [[1, 4, 4], [1, 4, 8], [1, 4, 4, 4], [1, 8, 4, 4]]
    ),
    (.init(architecture: .resnet18, norm: .group), [[1, 4, 4]]),
  ])
  func refusesExactlyTheSizesOnWhichTheModelFails(model: Study.Model, shapes: [[Int]]) throws {
    for shape in shapes {
      #expect(try (ModelFit(model).objection(to: shape) != nil) == fails(model, on: shape), "\(shape)")
    }
  }

  @Test func namesTheSmallestSizeThatLeavesTwoPixels() {
    let message = ModelFit(.init(architecture: .resnet18, norm: .instance)).objection(to: [1, 4, 4])
    #expect(message?.contains("has 4×4 pixels, which the model 'resnet18' reduces to a single one") == true)
    #expect(message?.contains("one side needs 33 or more") == true)
  }

  @Test func namesTheNearestSizesOfAVolume() {
    let model = Study.Model(architecture: .unet, channels: [4, 8, 16], strides: [2, 2])
    #expect(
      ModelFit(model).objection(to: [1, 30, 64, 3])
        == "after preprocessing the image has 3×64×30 voxels, but this U-Net needs sides that are multiples of 4, the product of its strides, such as 4×64×28 or 4×64×32; add {crop-or-pad: {size: [4, 64, 32]}} or a resample step to the study"
    )
    #expect(ModelFit(model).objection(to: [1, 32, 64, 4]) == nil)
  }
}
