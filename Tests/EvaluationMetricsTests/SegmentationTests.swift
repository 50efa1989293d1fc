import Testing

@testable import EvaluationMetrics

@Suite struct SegmentationTests {
  @Test("Dice as MONAI's compute_dice", arguments: try ReferenceValues.load().segmentation)
  func dice(reference: ReferenceValues.Segmentation) {
    let (prediction, truth) = (labels(reference.prediction), labels(reference.truth))
    let values = prediction.withUnsafeBufferPointer { prediction in
      truth.withUnsafeBufferPointer {
        diceCoefficients(prediction: prediction, truth: $0, classCount: reference.classCount)
      }
    }
    for (value, expected) in zip(values, reference.dice) { #expect(abs((value ?? -1) - expected) < 1e-6) }
    #expect(values.count == reference.classCount)
  }

  @Test func pairsOfEmptyMasksAreLeftOutOnRequest() {
    let (prediction, truth): ([UInt8], [UInt8]) = ([0, 0, 1, 0], [0, 0, 1, 0])
    let values = prediction.withUnsafeBufferPointer { prediction in
      truth.withUnsafeBufferPointer {
        diceCoefficients(prediction: prediction, truth: $0, classCount: 3, whenBothEmpty: nil)
      }
    }
    #expect(values == [1, 1, nil])
  }

  @Test("HD95 as MONAI's compute_hausdorff_distance", arguments: try ReferenceValues.load().segmentation)
  func hausdorff(reference: ReferenceValues.Segmentation) throws {
    let (prediction, truth) = (labels(reference.prediction), labels(reference.truth))
    for (label, expected) in reference.hausdorff95.enumerated() {
      let value = prediction.withUnsafeBufferPointer { prediction in
        truth.withUnsafeBufferPointer {
          hausdorffDistance95(
            prediction: prediction, truth: $0, label: UInt8(label), shape: reference.shape,
            spacing: reference.spacing)
        }
      }
      #expect((value == nil) == (expected == nil), "class \(label)")
      if let value, let expected { #expect(abs(value - expected) < 1e-5 * max(1, expected)) }
    }
  }

  @Test("Distances as SciPy's distance_transform_edt", arguments: try ReferenceValues.load().segmentation)
  func distances(reference: ReferenceValues.Segmentation) {
    guard let expected = reference.distances else { return }
    let marked = labels(reference.truth).map { $0 == 1 ? UInt8(1) : 0 }
    let squared = squaredDistances(toMarked: marked, shape: reference.shape, spacing: reference.spacing)
    for (value, distance) in zip(squared, expected) { #expect(abs(value.squareRoot() - distance) < 1e-8) }
    #expect(squared.count == expected.count)
  }

  @Test func distanceToNothingIsInfinite() {
    let distances = squaredDistances(toMarked: [0, 0, 0, 0], shape: [2, 2], spacing: [1, 1])
    #expect(distances.allSatisfy { $0 == .infinity })
  }

  @Test func estimatesAreMeansOverPatients() throws {
    let scores = SegmentationScores(
      classNames: ["head", "tail"],
      patients: [
        .init(dice: [0.5, 1], hausdorff95: [2, nil]), .init(dice: [0.25, 0.25], hausdorff95: [4, 8]),
        .init(dice: [0, 1], hausdorff95: [nil, nil]),
      ])
    var generator = SeededGenerator(state: 1)
    let resamples = PatientResamples(patientCount: 3, count: 200, using: &generator)
    let estimates = scores.estimates([.dice, .hausdorff95, .auc], resamples: resamples)
    #expect(
      estimates.map(\.name) == [
        "dice", "dice.head", "dice.tail", "hausdorff95", "hausdorff95.head", "hausdorff95.tail",
      ])
    #expect(estimates.map(\.value) == [0.5, 0.25, 0.75, 4, 3, 8])
    #expect(estimates.map(\.patientCount) == [3, 3, 3, 2, 2, 1])
    // A resample of the third patient alone defines no distance, so it has the value of the whole set.
    #expect(estimates[3].replicates.allSatisfy { (2...6).contains($0) })
    #expect(Set(estimates[5].replicates) == [8])
  }

  @Test func noPatientsYieldNoEstimates() {
    var generator = SeededGenerator(state: 1)
    let resamples = PatientResamples(patientCount: 0, count: 10, using: &generator)
    #expect(SegmentationScores(classNames: ["lesion"]).estimates([.dice], resamples: resamples).isEmpty)
  }
}
