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

  /// The state after these scores, one per round, each from `units` units.
  private func run(_ selection: ModelSelection, _ scores: [Double?], units: Int) -> SelectionState {
    var state = SelectionState()
    for (index, score) in scores.enumerated() {
      state = selection.update(state, round: index + 1, validation: validation([(score, units)]))
    }
    return state
  }

  private func auto(rounds: Int, patience: Int? = nil, higherIsBetter: Bool = true) -> ModelSelection {
    ModelSelection(
      metric: "dice", higherIsBetter: higherIsBetter, rule: .auto, minimumRound: rounds / 2 + 1,
      minimumUnits: SmallNumbers.selection, patience: patience)
  }

  /// A run from practice: an untrained model scores best on nine patients.
  @Test func fewUnitsChooseTheLastRound() {
    let state = run(auto(rounds: 6), [0.9, 0.4, 0.5, 0.6, 0.6, 0.55], units: 9)
    #expect(state.bestRound == 6)
    #expect(
      state.choice(lastRound: 6)
        == RoundChoice(round: 6, lastRound: 6, basis: .tooFew, unitCount: 9, partCount: 9))
    #expect(
      state.choice(lastRound: 6).sentence(.patient)
        == "the model of the last round, since 9 validation patients are too few to choose by")
  }

  /// Two of the seven patients have no lesion, and the model finds none in them. Their Dice is undefined, so
  /// the score is from five patients. The sentence must state the numbers five and seven.
  @Test func sentenceStatesUnitsWithoutAScore() {
    let evaluation = SiteEvaluation(
      patientCount: 7, exampleCount: 70, loss: nil,
      metrics: [MetricEstimate(name: "dice", value: 0.5, patientCount: 5)])
    let state = auto(rounds: 1).update(
      SelectionState(), round: 1,
      validation: [SiteValidation(site: SiteID("north"), evaluation: evaluation)])
    #expect(
      state.choice(lastRound: 1).sentence(.patient)
        == "the model of the last round, since 5 of the 7 validation patients (the score is not defined on the others) are too few to choose by"
    )
  }

  @Test func noRoundOfTheFirstHalfIsChosen() {
    let state = run(auto(rounds: 6), [0.9, 0.9, 0.9, 0.2, 0.2, 0.2], units: 1000)
    #expect(state.bestRound == 6)
  }

  /// The smoothed scores of rounds 5 to 8 are 0.8, 0.8, 0.767 and 0.6. The standard error of 0.8 on 400 units
  /// is 0.02, so round 6 is the latest within it.
  @Test func choosesARoundBeforeASignificantFall() {
    let state = run(auto(rounds: 8), [0.2, 0.5, 0.8, 0.8, 0.8, 0.8, 0.7, 0.3], units: 400)
    #expect(state.bestRound == 6)
    #expect(state.basis == .score)
    #expect(
      state.choice(lastRound: 8).sentence(.image).hasPrefix("the model of round 6 of 8, the latest within"))
  }

  @Test func differencesWithinOneStandardErrorKeepTheLastRound() {
    let state = run(auto(rounds: 8), [0.2, 0.5, 0.8, 0.8, 0.8, 0.8, 0.79, 0.78], units: 400)
    #expect(state.bestRound == 8)
    #expect(state.basis == .noise)
  }

  /// A loss is assumed to have a standard deviation equal to its mean: 2 / √400 = 0.1.
  @Test func lowerLossIsBetter() {
    var selection = auto(rounds: 6, higherIsBetter: false)
    selection.metric = "loss"
    #expect(run(selection, [9, 5, 2, 2, 2, 2.2], units: 400).bestRound == 6)
    #expect(run(selection, [9, 2, 2, 2, 2, 3], units: 400).bestRound == 5)
  }

  @Test func withoutAScoreTheLastRoundIsTaken() {
    let state = run(auto(rounds: 3), [nil, nil, nil], units: 500)
    #expect(state.bestRound == 3)
    #expect(state.basis == .noScore)
  }

  @Test func earlyStoppingNeedsUnitsAndHalfTheRounds() {
    let flat = [Double](repeating: 0.7, count: 5)
    #expect(!auto(rounds: 8, patience: 2).shouldStop(run(auto(rounds: 8), flat, units: 99)))
    // Round 5 is the first of the second half. Two more rounds without a gain end the arm.
    let selection = auto(rounds: 8, patience: 2)
    #expect(!selection.shouldStop(run(selection, flat + [0.7], units: 100)))
    #expect(selection.shouldStop(run(selection, flat + [0.7, 0.7], units: 100)))
    var best = ModelSelection(metric: "dice", higherIsBetter: true, minimumUnits: 100, patience: 2)
    #expect(!best.shouldStop(run(best, flat, units: 99)))
    best.minimumUnits = 0
    #expect(best.shouldStop(run(best, flat, units: 99)))
  }

  @Test func ruleLastStopsEarlyToo() {
    let selection = ModelSelection(
      metric: "dice", higherIsBetter: true, rule: .last, minimumRound: 2, minimumUnits: 10, patience: 2)
    let state = run(selection, [0.9, 0.5, 0.4, 0.3, 0.2], units: 50)
    #expect(state.bestRound == 5 && state.basis == .last)
    #expect(selection.shouldStop(state))
  }
}
