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
      patientCount: 20, exampleCount: 40, loss: 0.5,
      metrics: [
        MetricEstimate(name: "auc", value: 0.8, patientCount: 20, replicates: [0.7, 0.9]),
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
        all: .madeUp(20), metrics: ["dice": .madeUp(9)], calibration: PatientSet.madeUp([9, 11]),
        classes: PatientSet.madeUp([10, 10]), confusion: PatientSet.madeUp([5, 5, 5, 5])))
  }

  @Test func manyExamplesOfFewPatientsAreWithheld() {
    let released = gate().release(evaluation).content
    #expect(released.patientCount == 20 && released.exampleCount == 40 && released.loss == 0.5)
    #expect(released.metrics.map(\.name) == ["auc"])
    // The first bin has nine patients, so it is joined with the second.
    #expect(released.calibration.map(\.exampleCount) == [40])
    #expect(released.comparisons == [])
    #expect(released.details == EvaluationDetails(classCounts: [20, 20]))
  }

  /// Fourteen patients with twelve images each: each patient's images fill a bin.
  @Test func binsOfSinglePatientsAreJoined() {
    var many = evaluation
    (many.patientCount, many.exampleCount) = (14, 168)
    many.calibration = (0..<14).map {
      CalibrationBin(exampleCount: 12, meanProbability: Double($0) / 14, observedFrequency: 0.5)
    }
    many.patients = EvaluationPatients(
      all: .madeUp(14), calibration: PatientSet.madeUp([Int](repeating: 1, count: 14)))
    #expect(gate().release(many).content.calibration.map(\.exampleCount) == [168])
  }

  /// The number of patients without a lesion, or without a distance, must not follow by subtraction.
  @Test func countOfAMetricDoesNotRevealTheFewWithoutIt() {
    var some = evaluation
    some.metrics = [
      MetricEstimate(name: "hausdorff95", value: 7, patientCount: 18),
      MetricEstimate(name: "dice", value: 0.6, patientCount: 20),
    ]
    some.patients?.metrics = ["hausdorff95": .madeUp(18)]
    #expect(gate().release(some).content.metrics.map(\.patientCount) == [11, 20])
    #expect(gate().release(some).content.metrics.map(\.value) == [7, 0.6])
    #expect(gate(minimum: 2).release(some).content.metrics.map(\.patientCount) == [18, 20])
  }

  /// Eighteen of twenty patients have a lesion, so two have none.
  @Test func classThatFewPatientsLackIsWithheld() {
    var some = evaluation
    some.details = EvaluationDetails(classCounts: [20, 18])
    some.patients?.classes = [.madeUp(20), .madeUp(18)]
    #expect(gate().release(some).content.details == nil)
    some.patients?.classes = [.madeUp(20), .madeUp(10)]
    #expect(gate().release(some).content.details?.classCounts == [20, 18])
  }

  /// The confusion matrix puts one patient on the other side of the threshold than the reliability curve does.
  @Test func tablesOfOneAnswerCannotBeSubtracted() {
    var some = evaluation
    some.details = EvaluationDetails(classCounts: [20, 20], confusion: [20, 0, 0, 20])
    let all = (0..<40).map(UInt64.init)
    some.patients = EvaluationPatients(
      all: PatientSet(all), calibration: [PatientSet(all[..<21]), PatientSet(all[21...])],
      classes: [PatientSet(all[..<20]), PatientSet(all[20...])])
    let released = gate().release(some).content
    #expect(released.details?.classCounts == [20, 20])
    #expect(released.calibration.map(\.exampleCount) == [40])
    some.patients?.calibration = [PatientSet(all[..<20]), PatientSet(all[20...])]
    #expect(gate().release(some).content.calibration.count == 2)
  }

  /// Ninety-five of a hundred patients break a rule, so five do not.
  @Test(arguments: [(95, nil), (90, 90), (100, 100), (9, nil), (10, 10)] as [(Int, Int?)])
  func countOfAFindingDoesNotRevealTheFewWithoutIt(records: Int, released: Int?) {
    let description = SessionDescription(
      parts: [.init(part: .training, patients: 100, examples: 100, members: .madeUp(100))],
      findings: [
        DataFinding(severity: .warning, site: site, element: "age", records: records, message: "no age")
      ], precision: "fp32", memoryFormat: "contiguous")
    #expect(gate().release(description).content.findings.map(\.records) == [released])
  }

  /// A patient in two bins is still one patient.
  @Test func patientInTwoBinsCountsOnce() {
    var same = evaluation
    same.patients?.calibration = [.madeUp(9), .madeUp(9)]
    same.patients?.classes = []
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

  /// Only times and sizes leave a rehearsal, however many patients are behind a number.
  @Test func rehearsalSendsTimesAndSizesOnly() async throws {
    let rehearsing = gate(minimum: 1).rehearsing
    var update = update(
      TrainingPatients(trained: .madeUp(20), classes: PatientSet.madeUp([19, 1])), weightedCount: 52)
    update.update.weight = 52
    let sent = try await rehearsing.release(update).content
    #expect(sent.summary.loss == nil && sent.summary.weightedCount == nil && sent.update.weight == 40)
    #expect(sent.summary.seconds == 1 && sent.summary.stepCount == 3 && sent.summary.exampleCount == 40)
    let evaluation = rehearsing.release(evaluation).content
    #expect(
      evaluation
        == SiteEvaluation(patientCount: 20, exampleCount: 40, loss: nil, metrics: []))
    let progress = TrainingProgress(
      step: 1, stepCount: 1, loss: 0.7, examplesPerSecond: 5, patients: .madeUp(20))
    #expect(rehearsing.release(progress).content.loss == nil)
  }
}
