import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import FederatedTesting
import ParameterFiles
import Synchronization
import Testing

/// The model of a round is fixed before any site validates it, and a round that was fixed is repeated with the
/// same sites.
struct FixedRoundTests {
  @Test func modelIsFixedBeforeItsValidation() async throws {
    let journal = FixingJournal()
    let arm = try federation(
      FedAvg(), rounds: 2, journal: journal,
      events: { event in
        if case .siteValidated(_, let round, _, _) = event { journal.note("validated \(round)") }
      })
    _ = try await arm.run(from: referenceModel)
    let events = journal.events
    for round in 1...2 {
      let fixed = try #require(events.firstIndex(of: "fixed \(round)"))
      let validated = try #require(events.firstIndex(of: "validated \(round)"))
      #expect(fixed < validated)
    }
    for record in journal.records(of: "arm") {
      #expect(journal.digest(ofRound: record.round) == record.modelDigest)
    }
  }

  @Test func fixedRoundIsRepeatedWithTheSameSites() async throws {
    let journal = FixingJournal(
      fixed: FixedRound(
        sites: [SiteID("site-0"), SiteID("site-2")],
        dropped: [DroppedSite(site: SiteID("site-1"), reason: "it was late")]))
    let arm = try federation(FedAvg(), rounds: 1, journal: journal) { settings in
      settings.required = [SiteID("site-0")]
    }
    let outcome = try await arm.run(from: referenceModel)
    let record = try #require(outcome.records.first)
    #expect(record.contributions.map(\.site.rawValue) == ["site-0", "site-2"])
    #expect(record.dropped == [DroppedSite(site: SiteID("site-1"), reason: "it was late")])
  }
}

/// A journal that records when models are fixed.
private final class FixingJournal: RoundJournal {
  private let kept = InMemoryJournal()
  private let fixed: FixedRound?
  private let log = Mutex<[String]>([])
  private let digests = Mutex<[Int: String]>([:])

  init(fixed: FixedRound? = nil) { self.fixed = fixed }

  var events: [String] { log.withLock(\.self) }
  func note(_ event: String) { log.withLock { $0.append(event) } }
  func digest(ofRound round: Int) -> String? { digests.withLock { $0[round] } }

  var fixesModels: Bool { true }

  func fix(_ record: RoundRecord, model: ModelParameters) async throws {
    note("fixed \(record.round)")
    digests.withLock { $0[record.round] = ParameterDigest.sha256(of: model) }
    #expect(record.modelDigest == ParameterDigest.sha256(of: model))
  }

  func fixedRound(_ round: Int, of arm: String) async throws -> FixedRound? { fixed }

  func commit(_ checkpoint: RoundCheckpoint) -> ModelParameters? { kept.commit(checkpoint) }
  func commit(_ sites: [SiteID], of arm: String, at id: Assignment.ID) -> [SiteID] {
    kept.commit(sites, of: arm, at: id)
  }
  func lastCheckpoint(of arm: String) -> RoundCheckpoint? { kept.lastCheckpoint(of: arm) }
  func bestModel(of arm: String) -> ModelParameters? { kept.bestModel(of: arm) }
  func records(of arm: String) -> [RoundRecord] { kept.records(of: arm) }
}
