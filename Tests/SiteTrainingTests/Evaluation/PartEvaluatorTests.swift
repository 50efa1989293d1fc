import EvaluationMetrics
import FederatedCore
import Foundation
import StudyProtocol
import Testing

@testable import SiteTraining

/// Predictions and truths of 2 × 4 pixels, given row by row. A pixel is 2 mm high and 0.5 mm wide, and slices
/// are 3 mm apart.
struct PartEvaluatorTests {
  /// The slices of a volume, or a single picture.
  private struct Drawn {
    var prediction: [String]
    var truth: [String]
  }

  private static let empty = ["0000 0000", "0000 0000", "0000 0000"]

  private func labels(_ text: String) -> [UInt8] {
    text.compactMap { $0.wholeNumberValue.map { UInt8($0) } }
  }

  /// Evaluates a model that predicts the given drawing for each test patient.
  private func evaluate(
    _ patients: [[Drawn]], classes: [String] = ["background", "lesion"], spacing: [Double],
    part: DataPart = .test, members part0: DataPart = .test, replicates: Int = 0, seed: UInt64 = 1,
    weights: [Float] = [], fusion: ModelFusion = .majority
  ) throws -> SiteEvaluation {
    var (images, masks): ([[Float]], [[UInt8]]) = ([], [])
    var members: [SessionData.Patient] = []
    for patient in patients {
      var records: [Range<Int>] = []
      for drawn in patient {
        records.append(images.count..<(images.count + drawn.prediction.count))
        masks += drawn.truth.map(labels)
        // One channel for each class, 1 where the class is predicted. The model takes the channels as its
        // scores.
        for slice in drawn.prediction.map(labels) {
          images.append(classes.indices.flatMap { label in slice.map { Int($0) == label ? Float(1) : 0 } })
        }
      }
      members.append(.init(site: SiteID("north"), part: part0, records: records))
    }
    let source = ImagesInMemory(
      exampleShape: [classes.count, 2, 4], images: images, masks: masks, spacing: spacing)
    let codes = classes.enumerated().map { "\($0.offset): \($0.element)" }.joined(separator: ", ")
    let study = try SmallImages.study(
      training: "loss: cross-entropy, optimizer: {name: sgd, learning-rate: 0.1}", batchSize: 2,
      classes: "{\(codes)}")
    let network = try SmallImages.network(study, ReadOut())
    let models = weights.map { ModelParameters(layout: network.layout, values: [$0]) }
    return try PartEvaluator(
      study: study, data: SessionData(source: source, patients: members), network: network,
      ensemble: models.isEmpty ? nil : Ensemble(models: models, fusion: fusion)
    ).evaluate(part, replicates: replicates, seed: seed)
  }

  /// A model with the weight -1 predicts the opposite of the drawing.
  @Test(arguments: [ModelFusion.majority, .staple]) func mostModelsDecideTheMaskOfAnEnsemble(
    fusion: ModelFusion
  ) throws {
    let (alone, opposite) = (
      try evaluate(Self.volumes, spacing: [3, 2, 0.5]),
      try evaluate(Self.volumes, spacing: [3, 2, 0.5], weights: [-1], fusion: fusion)
    )
    #expect(alone["dice"]?.value != opposite["dice"]?.value)
    for (weights, expected) in [([1, 1, -1], alone), ([1], alone), ([-1, 1, -1], opposite)] {
      let found = try evaluate(
        Self.volumes, spacing: [3, 2, 0.5], weights: weights.map(Float.init), fusion: fusion)
      #expect(found.metrics == expected.metrics, "\(weights)")
      #expect(found.loss == nil && found.patientCount == alone.patientCount)
    }
  }

  @Test func aFusionThatDoesNotSuitTheTaskIsRefused() {
    let error = #expect(throws: ConsiliumError.self) {
      try evaluate(Self.volumes, spacing: [3, 2, 0.5], weights: [1, 1], fusion: .mean)
    }
    #expect(
      error?.message.contains("cannot be combined by 'mean' in a study of the task 'segmentation'") == true)
  }

  private func isClose(_ found: MetricEstimate?, _ expected: Double, patients: Int) -> Bool {
    guard let found else { return false }
    return abs(found.value - expected) < 1e-12 && found.patientCount == patients
  }

  private static let volumes: [[Drawn]] = [
    // Two of four voxels found and a false one: Dice 4/7, at most 3 mm apart. Then a volume without errors.
    [
      Drawn(
        prediction: ["1100 0000", "0000 0000", "1000 0000"],
        truth: ["1100 0000", "1100 0000", "0000 0000"]),
      Drawn(
        prediction: ["0110 0110", "0110 0110", "0000 0000"],
        truth: ["0110 0110", "0110 0110", "0000 0000"]),
    ],
    // Two slices and one column apart.
    [
      Drawn(
        prediction: ["0000 0000", "0000 0000", "0100 0000"],
        truth: ["1000 0000", "0000 0000", "0000 0000"])
    ],
    // No lesion, and none predicted: Dice 1, and no distance.
    [Drawn(prediction: empty, truth: empty)],
    // No lesion, but one predicted: Dice 0, and no distance.
    [Drawn(prediction: ["0000 0001", "0000 0000", "0000 0000"], truth: empty)],
  ]

  @Test func slicesOfAPatientAreOneVolume() throws {
    let found = try evaluate(Self.volumes, spacing: [3, 2, 0.5])
    #expect(found.patientCount == 4 && found.exampleCount == 15)
    #expect(isClose(found["dice"], ((4.0 / 7 + 1) / 2 + 0 + 1 + 0) / 4, patients: 4))
    let distance = (36 + 0.25).squareRoot()
    #expect(isClose(found["hausdorff95"], ((3.0 + 0) / 2 + distance) / 2, patients: 2))
    #expect(found.metrics.map(\.name) == ["dice", "hausdorff95"])
  }

  @Test func testIdentifiesCasesByNumberOnly() throws {
    let details = try #require(try evaluate(Self.volumes, spacing: [3, 2, 0.5]).details)
    #expect(details.classCounts == [4, 2])
    #expect(details.cases.map(\.number) == [1, 2, 3, 4])
    let twice: Double = (4.0 / 7 + 1) / 2
    let expected: [Double] = [0, 0, twice, 1]
    #expect(details.cases.map(\.value).sorted() == expected)
    #expect(details.confusion.isEmpty && details.curves.isEmpty)
  }

  /// Of the 120 voxels, 6 are wrong. The predicted class has the score 1, and the other class 0.
  @Test func theLossIsTheMeanOverExamples() throws {
    let found = try evaluate(Self.volumes, spacing: [3, 2, 0.5])
    let expected = (114 * log(1 + exp(-1.0)) + 6 * log(1 + exp(1.0))) / 120
    let loss = try #require(found.loss)
    #expect(abs(loss - expected) < 1e-6)
  }

  /// Two pictures of a patient are measured separately: a row is 2 mm, two columns are 1 mm.
  @Test func picturesAreMeasuredOneByOne() throws {
    let found = try evaluate(
      [
        [
          Drawn(prediction: ["0000 1000"], truth: ["1000 0000"]),
          Drawn(prediction: ["0010 0000"], truth: ["1000 0000"]),
        ]
      ], spacing: [2, 0.5])
    #expect(isClose(found["hausdorff95"], 1.5, patients: 1))
    #expect(isClose(found["dice"], 0, patients: 1))
  }

  /// Oedema is correct. Of two voxels of the core one is found; 95 % of the way from 0 to 0.5 mm is 0.475.
  @Test func eachClassIsMeasuredByItself() throws {
    let found = try evaluate(
      [[Drawn(prediction: ["1120 0000"], truth: ["1122 0000"])]],
      classes: ["background", "oedema", "core"], spacing: [2, 0.5])
    #expect(isClose(found["dice.oedema"], 1, patients: 1))
    #expect(isClose(found["dice.core"], 2.0 / 3, patients: 1))
    #expect(isClose(found["dice"], 5.0 / 6, patients: 1))
    #expect(isClose(found["hausdorff95.core"], 0.475, patients: 1))
    #expect(isClose(found["hausdorff95"], 0.475 / 2, patients: 1))
  }

  @Test func aPartWithoutPatientsHasNoMetric() throws {
    let found = try evaluate(Self.volumes, spacing: [3, 2, 0.5], part: .validation, replicates: 20)
    #expect(found == SiteEvaluation(patientCount: 0, exampleCount: 0, loss: nil, metrics: []))
  }

  /// Whole patients are drawn, and the same seed draws the same ones.
  @Test func replicatesAreOfPatients() throws {
    let two = [0, 1, 2].flatMap { _ in [Self.volumes[2], Self.volumes[3]] }
    func replicates(_ seed: UInt64) throws -> [Double] {
      let found = try evaluate(two, spacing: [3, 2, 0.5], replicates: 40, seed: seed)
      #expect(found["dice"]?.value == 0.5)
      return found["dice"]?.replicates ?? []
    }
    let first = try replicates(1)
    let sixths = first.map { $0 * 6 }
    #expect(first.count == 40 && Set(first).count > 2)
    #expect(sixths.allSatisfy { abs($0 - $0.rounded()) < 1e-9 && (0...6).contains($0.rounded()) })
    #expect(try replicates(1) == first)
    #expect(try replicates(2) != first)
  }

  @Test func fewerThanFivePatientsHaveNoReplicates() throws {
    let four = try evaluate(Self.volumes, spacing: [3, 2, 0.5], replicates: 40)
    #expect(four.patientCount == 4 && four["dice"]?.replicates == [])
    // A distance is defined on two of the five patients.
    let five = try evaluate(Self.volumes + [Self.volumes[2]], spacing: [3, 2, 0.5], replicates: 40)
    #expect(five["dice"]?.replicates.count == 40 && five["hausdorff95"]?.replicates == [])
  }

  /// In model selection, a patient who has no lesion, and for whom none is predicted, is left out. Otherwise
  /// an untrained model would gain by such patients.
  @Test func emptyMasksAreLeftOutOfValidation() throws {
    let found = try evaluate(
      Self.volumes, spacing: [3, 2, 0.5], part: .validation, members: .validation)
    #expect(isClose(found["dice"], ((4.0 / 7 + 1) / 2 + 0 + 0) / 3, patients: 3))
    let nothing = try evaluate(
      [[Drawn(prediction: Self.empty, truth: Self.empty)]], spacing: [3, 2, 0.5], part: .validation,
      members: .validation)
    #expect(nothing["dice"] == nil && nothing.patientCount == 1)
  }

  @Test func distancesAreMeasuredOnRequest() {
    let grid = VoxelGrid(shape: [1, 4], spacing: [1, 2])
    func score(_ prediction: [UInt8], withDistances: Bool) -> VolumeScore.Patient {
      VolumeScore.score(
        prediction: prediction, truth: [1, 0, 0, 0], grid: grid, classCount: 2, withDistances: withDistances)
    }
    func patient(_ distance: Double?) -> VolumeScore.Patient {
      VolumeScore.Patient(dice: [0], hausdorff95: [distance])
    }
    let (apart, none) = ([0, 0, 0, 1] as [UInt8], [0, 0, 0, 0] as [UInt8])
    #expect(score(apart, withDistances: false) == patient(nil))
    #expect(score(apart, withDistances: true) == patient(6))
    #expect(score(none, withDistances: true) == patient(nil))
    // The mean distance covers only the volumes for which a distance is defined.
    #expect(VolumeScore.mean(of: [patient(6), patient(nil)]) == patient(6))
    #expect(VolumeScore.mean(of: [patient(nil)]) == patient(nil))
    #expect(VolumeScore.mean(of: []) == VolumeScore.Patient(dice: [], hausdorff95: []))
  }
}
