import FederatedTesting
import Synchronization
import Testing

@testable import FederatedCore

/// Numbers about two sets of patients leave only if a subtraction reveals nobody or enough patients.
struct ReleaseHistoryTests {
  private final class Memory: ReleaseHistory {
    private let sets = Mutex(ReleasedSets())

    func enter(_ set: PatientSet, minimum: Int) -> Bool {
      sets.withLock { sets in
        guard sets.allows(set, minimum: minimum) else { return false }
        sets.insert(set)
        return true
      }
    }
  }

  private let site = SiteID("a")

  private func gate(_ history: Memory, log: @escaping @Sendable (String) -> Void = { _ in }) -> ReleaseGate {
    ReleaseGate(
      rules: ReleaseRules(
        minimumPatients: 10, metrics: nil, ownFigures: true, calibration: true, confusion: true, curves: true,
        replicates: true, intervals: true, images: true), history: history, log: log)
  }

  private func evaluation(_ patients: PatientSet) -> SiteEvaluation {
    SiteEvaluation(
      patientCount: patients.count, exampleCount: patients.count, loss: 0.5,
      metrics: [MetricEstimate(name: "auc", value: 0.8, patientCount: patients.count)],
      patients: EvaluationPatients(all: patients))
  }

  private func update(_ all: PatientSet, trained: PatientSet? = nil) -> SiteUpdate<ModelParameters> {
    let layout = ParameterLayout(entries: [.init(name: "w", shape: [2])])
    return SiteUpdate(
      ModelUpdate(
        site: site, round: 2, payload: ModelParameters(layout: layout, values: [1, 2]), weight: 40),
      TrainingSummary(
        exampleCount: 40, stepCount: 3, loss: 0.5, seconds: 1,
        patients: TrainingPatients(trained: trained ?? all, all: all)))
  }

  /// One patient was removed from the data between two rounds.
  @Test func evaluationOfAllButOnePatientIsWithheld() throws {
    let log = Mutex<[String]>([])
    let gate = gate(Memory()) { line in log.withLock { $0.append(line) } }
    #expect(gate.release(evaluation(.madeUp(40))).content.patientCount == 40)
    let second = gate.release(evaluation(.madeUp(39))).content
    #expect(second == SiteEvaluation(patientCount: 0, exampleCount: 0, loss: nil, metrics: []))
    #expect(
      log.withLock { $0 } == [
        "numbers have already left the site about almost the same patients: fewer than 10 patients differ, and a "
          + "subtraction would reveal these few. Use the data and the split (evaluation.split, seed) of the earlier release; "
          + "these numbers stay at the site"
      ])
    // The same patients again, and all but ten.
    #expect(gate.release(evaluation(.madeUp(40))).content.loss == 0.5)
    #expect(gate.release(evaluation(.madeUp(30))).content.loss == 0.5)
    #expect(gate.release(evaluation(.madeUp(31))).content.loss == nil)
  }

  @Test func updateOfAllButOnePatientIsRefused() async throws {
    let gate = gate(Memory())
    _ = try await gate.release(update(.madeUp(40)))
    let error = try await #require(throws: ConsiliumError.self) {
      try await gate.release(update(.madeUp(39)))
    }
    #expect(error.code == .invalidUpdate)
    #expect(
      error.message.contains("fewer than 10 patients differ") && error.message.hasSuffix("was not sent"))
    // Rounds of few steps see different patients of the same training set.
    _ = try await gate.release(update(.madeUp(40), trained: .madeUp(25)))
  }

  /// The sizes in a readiness report, and the statistics of the data.
  @Test func changedDataLeaveNoSizesAndNoStatistics() throws {
    let history = Memory()
    let gate = gate(history)
    func description(_ counts: [Int]) -> SessionDescription {
      let sets = PatientSet.madeUp(counts)
      return SessionDescription(
        parts: zip([DataPart.training, .test], sets).map {
          .init(part: $0, patients: $1.count, examples: $1.count, members: $1)
        }, findings: [], precision: "fp32", memoryFormat: "contiguous")
    }
    #expect(gate.release(description([40, 20])).content.parts.map(\.patients) == [40, 20])
    // A patient of the training set is gone; another one takes the place in the test set.
    #expect(gate.release(description([39, 20])).content.parts.isEmpty)
    #expect(gate.release(description([40, 20])).content.parts.map(\.patients) == [40, 20])
    let statistics = { (count: Int) in
      SiteStatistics(
        own: PatientMeasurements(
          members: (0..<UInt64(count)).map(\.self),
          items: [.init(bins: 1, isOrdered: true, canLack: false, places: .init(repeating: 0, count: count))])
      )
    }
    #expect(gate.release(statistics(60)).content.patients == 60)
    #expect(gate.release(statistics(59)).content == SiteStatistics(patients: 0, minimum: 10, items: []))
  }

  @Test func classCountsOfAnotherTrainingSetAreWithheld() {
    let gate = gate(Memory())
    func tested(_ training: [Int]) -> SiteEvaluation {
      var evaluation = evaluation(PatientSet((1000..<1020).map(UInt64.init)))
      evaluation.details = EvaluationDetails(trainingClassCounts: training)
      evaluation.patients?.trainingClasses = PatientSet.madeUp(training)
      return evaluation
    }
    #expect(gate.release(tested([20, 15])).content.details?.trainingClassCounts == [20, 15])
    #expect(gate.release(tested([20, 14])).content.details == nil)
  }

  /// Every pair of sets is judged by its definition.
  @Test func similarityCountsThePatientsThatDiffer() {
    var random = RandomStream(seed: 3)
    for _ in 0..<500 {
      let draw = { (random: inout RandomStream) in
        PatientSet((0..<UInt64(20)).filter { _ in Int.random(in: 0..<4, using: &random) > 0 })
      }
      let (one, other) = (draw(&random), draw(&random))
      let minimum = Int.random(in: 1...12, using: &random)
      let difference = one.members.symmetricDifference(other.members).count
      #expect(one.isTooSimilar(to: other, minimum: minimum) == (difference > 0 && difference < minimum))
    }
  }

  @Test func withoutAPolicyNothingIsRemembered() throws {
    let gate = ReleaseGate(history: Memory())
    #expect(gate.release(evaluation(.madeUp(40))).content.loss == 0.5)
    #expect(gate.release(evaluation(.madeUp(39))).content.loss == 0.5)
  }
}
