import FederatedCore
import StudyProtocol
import Torch

@testable import SiteTraining

/// Segmentation studies on small images, with images in memory.
enum SmallImages {
  /// - Parameters:
  ///   - preprocessing, augmentation: steps as in a study file, with commas between them.
  ///   - training: settings as in a study file.
  ///   - classes: the codes of the mask and their labels.
  ///   - norm: a U-Net's default, `instance`, does not work for images that are reduced to a single pixel.
  static func study(
    inputs: [String] = ["image"], dimensions: Int = 2, preprocessing: String = "", augmentation: String = "",
    training: String = "loss: dice-ce, optimizer: {name: adamw, learning-rate: 1e-2}", batchSize: Int = 4,
    classes: String = "{0: background, 1: lesion}", norm: String = "instance"
  ) throws -> Study {
    let images = inputs.map {
      "  - {name: \($0), kind: image, role: input, modality: MR, dimensions: \(dimensions), channels: 1}"
    }
    return try Study(
      yaml: """
        study: {name: small-images, version: 1, title: Small images, task: segmentation, seed: 5}
        elements:
        \(images.joined(separator: "\n"))
          - {name: lesion, kind: mask, role: target, dimensions: \(dimensions), values: \(classes)}
          - {name: patient, kind: identifier, role: group}
        preprocessing: [\(preprocessing)]
        augmentation: [\(augmentation)]
        model: {architecture: unet, channels: [4, 8], residual-units: 1, norm: \(norm)}
        training: {\(training), batch-size: \(batchSize), local-epochs: 1}
        federation: {workflow: fedavg, rounds: 2}
        evaluation: {metrics: [dice, hausdorff95], split: {test: 0.2, validation: 0.2}}

        """)
  }

  /// A site whose images and masks are NIfTI files named by patient and visit.
  static func site(_ name: String, maskCodes: [String: String] = [:]) -> SiteDefinition {
    SiteDefinition(
      name: SiteID(name), table: SiteTable(source: .csv(file: "table.csv", columns: nil, delimiter: nil)),
      rows: ["site": [name]],
      elements: [
        "image": ElementMapping(source: .file("images/{patient}-{visit}.nii")),
        "lesion": ElementMapping(source: .file("masks/{patient}-{visit}.nii"), values: maskCodes),
      ])
  }

  static func network(_ study: Study, _ module: any Module) throws -> Network {
    try Network(
      module: module,
      criterion: try Criterion(
        study.training, classCount: study.classCount, classWeights: nil, device: .cpu),
      arithmetic: Arithmetic(for: study, dimensions: 2, on: .cpu), batchSize: study.training.batchSize)
  }
}

/// Images and their masks in memory, identical each time they are read.
struct ImagesInMemory: ExampleSource {
  /// Channels, rows, columns.
  let exampleShape: [Int]
  let images: [[Float]]
  let masks: [[UInt8]]
  /// The spacing of rows and of columns, preceded by the spacing of slices if a record is a volume.
  var spacing: [Double] = [1, 1]

  var exampleCount: Int { images.count }

  func batch(_ indices: ArraySlice<Int>, augmentationSeeds: [UInt64]?) -> Batch {
    Batch(
      inputs: indices.flatMap { images[$0] }, shape: [indices.count] + exampleShape,
      target: .mask(indices.flatMap { masks[$0] }))
  }

  func grid(of record: Range<Int>) -> VoxelGrid {
    let plane = Array(exampleShape.dropFirst())
    return VoxelGrid(shape: spacing.count > plane.count ? [record.count] + plane : plane, spacing: spacing)
  }

  func classCounts(of indices: [Int], classCount: Int) -> [Int] {
    (0..<classCount).map { label in
      indices.reduce(0) { sum, index in sum + masks[index].count { Int($0) == label } }
    }
  }
}

/// Returns its input as the scores of the classes, so that tests can specify predictions as images.
struct ReadOut: Module {
  private let weight: Tensor

  init() throws(TorchError) {
    weight = try Tensor.ones([1])
    try weight.setRequiresGrad()
  }

  var ownState: [StateEntry] { [.parameter("weight", weight)] }

  func callAsFunction(_ input: Tensor, _ mode: Mode) throws(TorchError) -> Tensor { try input * weight }
}
