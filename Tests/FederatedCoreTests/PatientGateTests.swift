import FederatedCore
import FederatedTesting
import Foundation
import Testing

/// Minimum counts refer to patients, whatever an engine counts.
struct PatientGateTests {
  private let site = SiteID("a")
  private let layout = ParameterLayout(entries: [.init(name: "w", shape: [2])])

  private func gate(minimum: Int = 10) -> ReleaseGate {
    ReleaseGate(
      rules: ReleaseRules(
        minimumPatients: minimum, metrics: nil, ownFigures: true, calibration: true, confusion: true,
        curves: true, replicates: true, intervals: true, images: true))
  }

  private func update(
    _ patients: TrainingPatients?, weightedCount: Double? = nil, values: [Float] = [1, -1]
  ) -> SiteUpdate<ModelParameters> {
    SiteUpdate(
      ModelUpdate(
        site: site, round: 2, payload: ModelParameters(layout: layout, values: values), weight: 40),
      TrainingSummary(
        exampleCount: 40, stepCount: 3, loss: 0.5, seconds: 1, weightedCount: weightedCount,
        patients: patients))
  }

  /// An evaluation of forty examples, which come from fewer patients.
  private var evaluation: SiteEvaluation {
    SiteEvaluation(
      patientCount: 12, exampleCount: 40, loss: 0.5,
      metrics: [
        MetricEstimate(name: "auc", value: 0.8, patientCount: 12, replicates: [0.7, 0.9]),
        MetricEstimate(name: "dice", value: 0.6, patientCount: 12),
      ],
      calibration: [
        CalibrationBin(exampleCount: 20, meanProbability: 0.2, observedFrequency: 0),
        CalibrationBin(exampleCount: 20, meanProbability: 0.8, observedFrequency: 1),
      ],
      comparisons: [
        PairedComparison(
          metric: "auc", against: "b", patientCount: 12, interval: .init(low: 0, high: 1),
          patients: .madeUp(9))
      ],
      details: EvaluationDetails(classCounts: [20, 20], confusion: [10, 10, 10, 10]),
      patients: EvaluationPatients(
        all: .madeUp(12), metrics: ["dice": .madeUp(9)], calibration: PatientSet.madeUp([9, 3]),
        classes: PatientSet.madeUp([10, 10]), confusion: PatientSet.madeUp([10, 10, 10, 9])))
  }

  @Test func manyExamplesOfFewPatientsAreWithheld() {
    let released = gate().release(evaluation).content
    #expect(released.patientCount == 12 && released.exampleCount == 40 && released.loss == 0.5)
    #expect(released.metrics.map(\.name) == ["auc"])
    // The two bins together have twelve patients.
    #expect(released.calibration.map(\.exampleCount) == [40])
    #expect(released.comparisons == [])
    #expect(released.details == EvaluationDetails(classCounts: [20, 20]))
  }

  /// A patient in two bins is still one patient.
  @Test func patientInTwoBinsCountsOnce() {
    var same = evaluation
    same.patients?.calibration = [.madeUp(9), .madeUp(9)]
    #expect(gate().release(same).content.calibration == [])
    same.patients?.all = .madeUp(9)
    #expect(
      gate().release(same).content
        == SiteEvaluation(patientCount: 0, exampleCount: 0, loss: nil, metrics: []))
  }

  @Test func nothingLeavesIfTheEngineReportsNoPatients() async {
    var silent = evaluation
    silent.patients = nil
    #expect(
      gate().release(silent).content.metrics.isEmpty && gate().release(silent).content.patientCount == 0)
    #expect(gate().release(update(nil).summary).content.loss == nil)
    await #expect(throws: ConsiliumError.self) { try await gate().release(update(nil)) }
  }

  @Test(arguments: [true, false]) func setsOfPatientsNeverLeaveASite(hasPolicy: Bool) async throws {
    let gate = hasPolicy ? gate(minimum: 1) : ReleaseGate()
    let released = gate.release(evaluation).content
    #expect(released.patients == nil && (released.comparisons ?? []).allSatisfy { $0.patients == nil })
    let patients = TrainingPatients(trained: .madeUp(20), classes: [.madeUp(3)])
    let sent = try await gate.release(update(patients)).content
    #expect(sent.summary.patients == nil)
    let text = String(decoding: try JSONEncoder().encode(released), as: UTF8.self)
    #expect(!text.contains("patients\""), "\(text)")
  }

  @Test(arguments: [(9, false), (10, true)])
  func updateOfTooFewPatientsIsWithheld(patients: Int, leaves: Bool) async throws {
    let update = update(TrainingPatients(trained: .madeUp(patients)))
    do {
      #expect(try await gate().release(update).content.summary.loss == 0.5)
      #expect(leaves)
    } catch let error as ConsiliumError {
      #expect(!leaves && error.code == .invalidUpdate)
      #expect(error.message.contains("fewer than 10 patients"))
    }
  }

  /// Together with the number of examples, the sum of the classes' weights reveals the number of each class.
  @Test func weightThatRevealsASmallClassIsWithheld() async throws {
    let few = TrainingPatients(trained: .madeUp(40), classes: PatientSet.madeUp([37, 3]))
    let error = try await #require(throws: ConsiliumError.self) {
      try await gate().release(update(few, weightedCount: 52))
    }
    #expect(error.message.contains("federation.weighting samples or equal"))
    #expect(!error.message.contains("3 patients") && !error.message.contains("37"))
    _ = try await gate().release(update(few))
    let enough = TrainingPatients(trained: .madeUp(40), classes: PatientSet.madeUp([20, 20]))
    _ = try await gate().release(update(enough, weightedCount: 52))
  }

  /// A step of a rehearsal uses a few patients. A signed zero would reveal the sign of the change.
  @Test func rehearsalSendsZerosWithoutASign() async throws {
    let rehearsing = gate().rehearsing
    let update = update(TrainingPatients(trained: .madeUp(2)), values: [1e-3, -5])
    let released = try await rehearsing.release(update)
    #expect(released.content.update.payload.values.map(\.bitPattern) == [0, 0])
    #expect(released.content.summary.loss == nil)
    #expect(released.cost == .zero)
    await #expect(throws: ConsiliumError.self) {
      try await rehearsing.release(
        self.update(TrainingPatients(trained: .madeUp(2)), values: [.nan, 1]))
    }
  }
}
