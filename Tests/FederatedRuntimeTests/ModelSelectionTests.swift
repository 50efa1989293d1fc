import FederatedCore
import FederatedRuntime
import Testing

struct ModelSelectionTests {
  private func validation(_ values: [(value: Double?, patients: Int)]) -> [SiteValidation] {
    values.enumerated().map { index, item in
      let metrics = item.value.map {
        [MetricEstimate(name: "dice", value: $0, patientCount: item.patients)]
      }
      return SiteValidation(
        site: SiteID("\(index)"),
        evaluation: SiteEvaluation(
          patientCount: item.patients, exampleCount: 1, loss: item.value, metrics: metrics ?? []))
    }
  }

  @Test func theScoreIsWeightedByPatients() {
    let selection = ModelSelection(metric: "dice", higherIsBetter: true)
    #expect(selection.score(of: validation([(0.5, 10), (0.8, 20), (nil, 100)])) == 0.7)
    #expect(selection.score(of: validation([(nil, 3)])) == nil)
    let loss = ModelSelection(metric: "loss", higherIsBetter: false)
    #expect(loss.score(of: validation([(2, 1), (4, 1)])) == 3)
  }

  @Test func theBestIsFoundInEitherDirection() {
    for (higher, best) in [(true, 2), (false, 3)] {
      let selection = ModelSelection(metric: "dice", higherIsBetter: higher)
      var state = SelectionState()
      for (round, score) in [(1, 0.5), (2, 0.9), (3, 0.1), (4, 0.3)] {
        state = selection.update(state, round: round, validation: validation([(score, 1)]))
      }
      #expect(state.bestRound == best)
      #expect(state.score == 0.3)
    }
  }

  @Test func patienceCountsValidationsWithoutEnoughImprovement() {
    let selection = ModelSelection(
      metric: "dice", higherIsBetter: true, patience: 2, minimumImprovement: 0.1)
    var state = SelectionState()
    var stops: [Bool] = []
    for (round, score) in [(1, 0.5), (2, 0.55), (3, 0.7), (4, 0.75), (5, 0.79)] {
      state = selection.update(state, round: round, validation: validation([(score, 1)]))
      stops.append(selection.shouldStop(state))
    }
    #expect(stops == [false, false, false, false, true])
    #expect(state.bestRound == 3)
  }
}
