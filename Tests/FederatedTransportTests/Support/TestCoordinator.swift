import Credentials
import FederatedCore
import FederatedTransport
import Foundation
import StudyAgreement

/// A minimal coordinator for tests of the network: holds endpoints by study, and accepts every participant.
actor TestCoordinator: CoordinationHandler, AdministrationHandler {
  private var endpoints: [String: StudyEndpoint] = [:]
  private(set) var joined: [SiteID] = []
  private(set) var decisions: [Data] = []
  private(set) var refusals: [String] = []
  private(set) var faults: [String] = []

  func add(_ endpoint: StudyEndpoint) { endpoints[endpoint.study] = endpoint }

  func join(_ hello: SiteHello, from site: SiteID) -> CoordinatorHello {
    joined.append(site)
    return CoordinatorHello(programVersion: "test", clock: Date(), consortium: "test")
  }

  func refused(_ site: SiteID, because reason: String) { refusals.append(reason) }

  func studies(of site: SiteID, known: UInt64, process: String) -> StudyNotices? {
    StudyNotices(revision: 1, studies: [])
  }

  func decide(_ decision: Data, study: String, from site: SiteID) { decisions.append(decision) }

  func report(readiness: Data, study: String, from site: SiteID) {}

  func endpoint(of study: String, for site: SiteID, process: String?) throws -> StudyEndpoint {
    guard let endpoint = endpoints[study] else {
      throw ConsiliumError(.invalidInput, "there is no such study")
    }
    return endpoint
  }

  func failedToStore(_ error: ConsiliumError, study: String) { faults.append(error.message) }

  func report(_ progress: TrainingProgress, study: String, arm: String, round: Int, from site: SiteID) {}

  func propose(_ proposal: Data, by peer: Party) -> String { "study" }

  /// The weights that the study lead `lab` may send, by study.
  private var weights: [String: (digest: String, store: BlobStore)] = [:]

  func expect(weights digest: String, of study: String, in store: BlobStore) {
    weights[study] = (digest, store)
  }

  func weightsStore(of study: String, digest: String, from peer: Party) throws -> BlobStore {
    guard let expected = weights[study], expected.digest == digest, peer.role == .lead else {
      throw ConsiliumError(.invalidInput, "these weights are not expected")
    }
    return expected.store
  }

  func control(_ action: StudyAction, study: String, reason: String, start: Data, by peer: Party)
    -> StudyState
  {
    .running
  }

  func status(of study: String?) -> Data { Data("{}".utf8) }

  func events(of study: String?) -> AsyncStream<Data> { AsyncStream { $0.finish() } }

  func results(of study: String) -> StudyFiles { StudyFiles(state: .running, files: [], store: nil) }
}
