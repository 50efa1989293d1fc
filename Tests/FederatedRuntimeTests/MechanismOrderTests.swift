import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import FederatedTesting
import Synchronization
import Testing

/// Mechanisms act in order at each site, and in reverse order at the coordinator.
struct MechanismOrderTests {
  private struct Noting: UpdateMechanism {
    let name: String
    let notes: Notes

    func atSite<Payload: ParameterGroup>(_ update: inout ModelUpdate<Payload>, in context: SiteContext)
      -> PrivacyCost
    {
      notes.add("\(name) at \(context.site) in \(context.round)")
      return .unbounded
    }

    func atCoordinator<Payload: ParameterGroup>(
      _ aggregate: inout Aggregate<Payload>, in context: RoundContext
    ) {
      aggregate.payload.scale(by: 0)
      notes.add("\(name) at the coordinator in \(context.round)")
    }
  }

  private final class Notes: Sendable {
    private let list = Mutex<[String]>([])
    func add(_ note: String) { list.withLock { $0.append(note) } }
    var all: [String] { list.withLock(\.self) }
  }

  @Test func bothHalvesRunInTheirOrder() async throws {
    let notes = Notes()
    let mechanisms = [Noting(name: "first", notes: notes), Noting(name: "second", notes: notes)]
    let site = SiteID("a")
    let settings = FederationSettings(
      arm: "arm", rounds: 2, learningRate: { _ in 0.05 }, seed: 11, mechanisms: mechanisms)
    let outcome = try await Federation(
      settings: settings, strategy: FedAvg(), topology: Star(),
      members: [
        .init(site: site, trainer: ReferenceTrainer.sites(1)[0], gate: ReleaseGate(mechanisms: mechanisms))
      ]
    ).run(from: referenceModel)
    #expect(
      notes.all
        == (1...2).flatMap { round in
          [
            "first at a in \(round)", "second at a in \(round)", "second at the coordinator in \(round)",
            "first at the coordinator in \(round)",
          ]
        })
    // The coordinator's halves act before the model moves.
    #expect(outcome.lastModel == referenceModel)
  }

  @Test func clippedRoundMovesTheModelByAtMostTheBound() async throws {
    let clip = try NormClip(bound: 1e-3)
    let members = ReferenceTrainer.sites(3).enumerated().map { index, trainer in
      Federation<FedAvg, ReferenceTrainer>.Member(
        site: SiteID("site-\(index)"), trainer: trainer, gate: ReleaseGate(mechanisms: [clip]))
    }
    let settings = FederationSettings(
      arm: "arm", rounds: 1, learningRate: { _ in 0.05 }, seed: 11, mechanisms: [clip])
    let outcome = try await Federation(
      settings: settings, strategy: FedAvg(), topology: Star(), members: members
    ).run(from: referenceModel)
    var change = outcome.lastModel
    change.add(referenceModel, scaledBy: -1)
    let norm = change.squaredNorm.squareRoot()
    #expect(norm > 0 && norm <= 1e-3 * (1 + 1e-4))
  }
}
