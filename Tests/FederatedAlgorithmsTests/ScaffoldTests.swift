import FederatedAlgorithms
import FederatedCore
import Testing

/// Minimises (w − centre)² / 2 by gradient steps in double precision, so that each step can be computed by
/// hand.
private struct QuadraticTrainer: LocalTrainer {
  var centre: Double
  var steps: Int

  func train(from global: ModelParameters, following instruction: TrainingInstruction) async throws
    -> LocalResult
  {
    let start = Double(global.values[0])
    let offset = Double(instruction.gradientOffset?.values[0] ?? 0)
    var w = start
    for _ in 0..<steps { w -= instruction.learningRate * (w - centre + offset) }
    return LocalResult(
      delta: ModelParameters(layout: global.layout, values: [Float(w - start), 0.5]),
      summary: TrainingSummary(exampleCount: 1, stepCount: steps, loss: 0, seconds: 0))
  }

  func evaluate(_ model: ModelParameters, on part: DataPart) async throws -> SiteEvaluation {
    SiteEvaluation(patientCount: 1, exampleCount: 1, loss: nil, metrics: [])
  }
}

struct ScaffoldTests {
  private let layout = ParameterLayout(entries: [
    .init(name: "w", shape: []), .init(name: "running_mean", shape: [], role: .buffer),
  ])
  private let trainers = [
    QuadraticTrainer(centre: 1, steps: 2), QuadraticTrainer(centre: -3, steps: 7),
  ]
  private let rate = 0.1

  /// Algorithm 1 of the paper with option II, computed with plain numbers and closed forms for the local
  /// steps.
  private func paper(rounds: Int) -> (x: Double, c: Double, sites: [Double]) {
    var (x, c, sites) = (0.0, 0.0, [0.0, 0.0])
    for _ in 0..<rounds {
      var (dx, dc) = (0.0, 0.0)
      for (i, trainer) in trainers.enumerated() {
        let fixed = trainer.centre - (c - sites[i])
        var shrink = 1.0
        for _ in 0..<trainer.steps { shrink *= 1 - rate }
        let y = fixed + shrink * (x - fixed)
        let next = sites[i] - c + (x - y) / (Double(trainer.steps) * rate)
        dx += (y - x) / 2
        dc += (next - sites[i]) / 2
        sites[i] = next
      }
      x += dx
      c += dc
    }
    return (x, c, sites)
  }

  private func run(rounds: Int) async throws -> (ModelParameters, Scaffold.Control, [Scaffold.Control]) {
    let strategy = Scaffold()
    var model = ModelParameters.zeros(layout)
    var server = strategy.initialServerState(for: layout)
    var sites = trainers.map { _ in strategy.initialSiteState(for: layout) }
    for round in 1...rounds {
      var aggregator = strategy.makeAggregator()
      for (i, trainer) in trainers.enumerated() {
        let local = try await strategy.contribute(
          trainer, from: model,
          instruction: TrainingInstruction(round: round, amount: .epochs(1), learningRate: rate, seed: 0),
          message: server, state: &sites[i])
        try aggregator.add(
          ModelUpdate(site: SiteID("\(i)"), round: round, payload: local.payload, weight: local.weight))
      }
      strategy.apply(try aggregator.finish(), to: &model, state: &server, round: round, siteCount: 2)
    }
    return (model, server, sites)
  }

  @Test(arguments: [1, 2, 10]) func followsThePaper(rounds: Int) async throws {
    let (model, server, sites) = try await run(rounds: rounds)
    let expected = paper(rounds: rounds)
    #expect(abs(Double(model.values[0]) - expected.x) < 1e-5)
    #expect(abs(Double(server.value.values[0]) - expected.c) < 1e-5)
    for (site, expected) in zip(sites, expected.sites) {
      #expect(abs(Double(site.value.values[0]) - expected) < 1e-5)
    }
  }

  /// With unequal local work, FedAvg misses the optimum at −1; SCAFFOLD reaches it.
  @Test func correctsClientDrift() async throws {
    let (model, _, _) = try await run(rounds: 150)
    #expect(abs(model.values[0] - -1) < 1e-3)
  }

  @Test func buffersHaveNoControl() async throws {
    let (model, server, _) = try await run(rounds: 3)
    #expect(server.value.values[1] == 0)
    #expect(model.values[1] == 1.5)
  }

  @Test func aRoundWithoutStepsIsAnError() async throws {
    let strategy = Scaffold()
    var state = strategy.initialSiteState(for: layout)
    await #expect(throws: ConsiliumError.self) {
      _ = try await strategy.contribute(
        QuadraticTrainer(centre: 0, steps: 0), from: .zeros(layout),
        instruction: TrainingInstruction(round: 1, amount: .epochs(1), learningRate: rate, seed: 0),
        message: strategy.initialServerState(for: layout), state: &state)
    }
  }
}
