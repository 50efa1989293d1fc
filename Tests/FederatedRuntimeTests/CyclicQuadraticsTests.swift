import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import Foundation
import Testing

/// Cyclical weight transfer on quadratic losses, whose local training is known in closed form: after K steps,
/// w becomes b + (I − rate · A)^K (w − b).
struct CyclicQuadraticsTests {
  /// Four sites, f_i(w) = ½ (w − b_i)ᵀ A_i (w − b_i), and the models of six cycles, computed in Python.
  struct Reference: Decodable {
    struct Cyclic: Decodable {
      struct Round: Decodable { var model: [Double] }
      var rounds: [Round]
      var limit: [Double]
    }

    var matrices: [[[Double]]]
    var b: [[Double]]
    var examples: [Double]
    var steps: [Int]
    var rate: Double
    var initial: [Double]
    var cyclic: Cyclic

    private enum CodingKeys: String, CodingKey {
      case b, examples, initial, cyclic
      case matrices = "A"
      case steps = "local-steps"
      case rate = "learning-rate"
    }

    static func read() throws -> Self {
      let fixtures = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
      let data = try Data(contentsOf: fixtures.appending(path: "cyclic-quadratics.json"))
      return try JSONDecoder().decode(Self.self, from: data)
    }

    /// The model of a site after a number of steps from `w`, in closed form.
    func trained(_ w: [Double], at site: Int, steps: Int) -> [Double] {
      var distance = zip(w, b[site]).map { $0 - $1 }
      for _ in 0..<steps {
        let gradient = matrices[site].map { row in zip(row, distance).reduce(0) { $0 + $1.0 * $1.1 } }
        distance = zip(distance, gradient).map { $0 - rate * $1 }
      }
      return zip(b[site], distance).map { $0 + $1 }
    }
  }

  /// Gradient descent in single precision.
  struct Quadratic: LocalTrainer {
    var a: [[Float]]
    var b: [Float]
    var examples: Int
    /// The number of steps; `nil` to follow the instruction.
    var steps: Int?

    func train(from global: ModelParameters, following instruction: TrainingInstruction) async throws
      -> LocalResult
    {
      var w = global.values
      let count = steps ?? instruction.amount.steps(examples: examples, batchSize: 10)
      for _ in 0..<count {
        let distance = zip(w, b).map { $0 - $1 }
        let gradient = a.map { row in zip(row, distance).reduce(0) { $0 + $1.0 * $1.1 } }
        w = zip(w, gradient).map { $0 - Float(instruction.learningRate) * $1 }
      }
      var delta = ModelParameters(layout: global.layout, values: w)
      delta.add(global, scaledBy: -1)
      return LocalResult(
        delta: delta,
        summary: TrainingSummary(exampleCount: examples, stepCount: count, loss: 0, seconds: 0))
    }

    func evaluate(_ model: ModelParameters, on part: DataPart) async throws -> SiteEvaluation {
      SiteEvaluation(patientCount: 1, exampleCount: 1, loss: 1, metrics: [])
    }
  }

  private func run(
    _ reference: Reference, _ order: Ring.Order = .fixed, rounds: Int,
    amount: TrainingInstruction.Amount? = nil
  ) async throws -> FederationOutcome {
    let members = reference.matrices.indices.map { site in
      Federation<FedAvg, Quadratic>.Member(
        site: SiteID("site-\(site)"),
        trainer: Quadratic(
          a: reference.matrices[site].map { $0.map(Float.init) }, b: reference.b[site].map(Float.init),
          examples: Int(reference.examples[site]), steps: amount == nil ? reference.steps[site] : nil))
    }
    let settings = FederationSettings(
      arm: "cyclic", rounds: rounds, amount: amount ?? .epochs(1), learningRate: { _ in reference.rate },
      seed: 7, required: Set(members.map(\.site)))
    let layout = ParameterLayout(entries: [.init(name: "w", shape: [reference.initial.count])])
    return try await Federation(
      settings: settings, strategy: FedAvg(), topology: Ring(order: order), members: members
    ).run(from: ModelParameters(layout: layout, values: reference.initial.map(Float.init)))
  }

  private func expect(_ model: ModelParameters, _ expected: [Double]) {
    for (found, expected) in zip(model.values, expected) {
      #expect(abs(Double(found) - expected) < 1e-5 * max(1, abs(expected)))
    }
  }

  @Test(arguments: 1...6) func cyclesAgreeWithTheReference(rounds: Int) async throws {
    let reference = try Reference.read()
    let outcome = try await run(reference, rounds: rounds)
    expect(outcome.lastModel, reference.cyclic.rounds[rounds - 1].model)
  }

  /// Single weight transfer is one cycle.
  @Test func singleWeightTransferVisitsEverySiteOnce() async throws {
    let reference = try Reference.read()
    var w = reference.initial
    for site in 0..<4 { w = reference.trained(w, at: site, steps: reference.steps[site]) }
    expect(try await run(reference, rounds: 1).lastModel, w)
  }

  @Test func cyclesEndAtTheFixedPoint() async throws {
    let reference = try Reference.read()
    expect(try await run(reference, rounds: 150).lastModel, reference.cyclic.limit)
  }

  /// With 150, 169, 156 and 37 examples in batches of ten, a fifth of a pass is 3, 3, 3 and 1 steps.
  @Test func proportionalStepsFollowTheNumberOfExamples() async throws {
    let reference = try Reference.read()
    var w = reference.initial
    for _ in 1...3 {
      for (site, steps) in [3, 3, 3, 1].enumerated() { w = reference.trained(w, at: site, steps: steps) }
    }
    let outcome = try await run(reference, rounds: 3, amount: .fraction(0.2))
    expect(outcome.lastModel, w)
    #expect(outcome.records[0].contributions.map(\.summary.stepCount) == [3, 3, 3, 1])
  }

  @Test func aDrawnOrderIsFollowedInEachCycle() async throws {
    let reference = try Reference.read()
    let ring = Ring.Order.random(seed: 7)
    let sites = (0..<4).map { SiteID("site-\($0)") }
    var w = reference.initial
    var orders: Set<[SiteID]> = []
    for round in 1...3 {
      let order = Ring(order: ring).plan(round: round, participants: sites).members
      orders.insert(order)
      for site in order {
        let index = try #require(sites.firstIndex(of: site))
        w = reference.trained(w, at: index, steps: reference.steps[index])
      }
    }
    #expect(orders.count > 1)
    expect(try await run(reference, ring, rounds: 3).lastModel, w)
  }
}
