import Credentials
import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import StudyAgreement

/// A coordinator's network server that shows one study to a real agent, in whatever state and with whatever
/// mandate a test likes, and collects what the agent reports.
public actor LyingServer: CoordinationHandler, AdministrationHandler {
  private var notice: StudyNotice
  private var revision: UInt64 = 1
  private let changes = Signal()
  private let reported = Signal()
  /// The agent's reports of its readiness.
  public private(set) var reports: [SiteReadiness] = []

  public init(showing notice: StudyNotice) { self.notice = notice }

  /// Runs the server and `body`, which gets the port.
  public nonisolated func serve<R: Sendable>(
    as coordinator: Identity, _ body: @escaping @Sendable (Int) async throws -> R
  ) async throws -> R {
    let server = FederationServer(
      .init(host: "127.0.0.1", port: 0), keeper: IdentityKeeper(coordinator),
      gate: PeerAuthenticator(coordinator.authority), coordination: self, administration: self)
    return try await withThrowingTaskGroup(of: R?.self) { group in
      group.addTask {
        try await server.run()
        return nil
      }
      defer {
        server.shutDown()
        group.cancelAll()
      }
      return try await body(try await server.port)
    }
  }

  /// Shows the study in another way.
  public func show(_ change: @Sendable (inout StudyNotice) -> Void) {
    change(&notice)
    revision += 1
    changes.send()
  }

  /// Waits until the agent has sent `count` reports, and returns them all.
  public func reports(atLeast count: Int) async -> [SiteReadiness] {
    while reports.count < count, !Task.isCancelled { await reported.wait(after: reported.count) }
    return reports
  }

  // MARK: The agent's calls

  public func join(_ hello: SiteHello, from site: SiteID) -> CoordinatorHello {
    CoordinatorHello(programVersion: "1", clock: Date(), consortium: "test")
  }

  public func refused(_ site: SiteID, because reason: String) {}

  public func studies(of site: SiteID, known: UInt64, process: String) async -> StudyNotices? {
    while revision == known {
      if Task.isCancelled { return nil }
      await changes.wait(after: changes.count)
    }
    return StudyNotices(revision: revision, studies: [notice])
  }

  public func decide(_ decision: Data, study: String, from site: SiteID) {}

  public func report(readiness: Data, study: String, from site: SiteID) throws {
    reports.append(try WireJSON.decode(readiness, "the readiness"))
    reported.send()
  }

  public func endpoint(of study: String, for site: SiteID, process: String?) throws -> StudyEndpoint {
    throw StudyAtRest()
  }

  public func failedToStore(_ error: ConsiliumError, study: String) {}

  public func report(_ progress: TrainingProgress, study: String, arm: String, round: Int, from site: SiteID)
  {}

  // MARK: Calls of people, who are not part of the lie

  public func propose(_ proposal: Data, by peer: Party) throws -> String { notice.study }

  public func weightsStore(of study: String, digest: String, from peer: Party) throws -> BlobStore {
    throw ConsiliumError(.invalidInput, "no weights are expected")
  }

  public func control(_ action: StudyAction, study: String, reason: String, start: Data, by peer: Party)
    -> StudyState
  { notice.state }

  public func status(of study: String?) -> Data { Data("{}".utf8) }

  public func events(of study: String?) -> AsyncStream<Data> { AsyncStream { $0.finish() } }

  public func results(of study: String) -> StudyFiles {
    StudyFiles(state: notice.state, files: [], store: nil)
  }
}
