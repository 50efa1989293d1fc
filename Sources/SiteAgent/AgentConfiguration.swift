import FederatedTransport
import Foundation
import StudyProtocol

/// The agent's folders, its coordinator, and the site's policy.
public struct AgentConfiguration: Sendable {
  /// The folder of all files of the agent: agreements, journals, models, its audit log.
  public var folder: URL
  /// The folder with the site's key and certificate.
  public var identityFolder: URL
  public var coordinator: ClientConfiguration
  /// The site's own rules, which hold whatever the coordinator asks.
  public var policy: SitePolicy
  /// The worker program; `nil` for the `consilium-worker` next to this program.
  public var workerExecutable: URL?
  /// The number of worker processes per study.
  public var workers: Int

  public init(
    folder: URL, identityFolder: URL, coordinator: ClientConfiguration, policy: SitePolicy = SitePolicy(),
    workerExecutable: URL? = nil, workers: Int = 1
  ) {
    self.folder = folder
    self.identityFolder = identityFolder
    self.coordinator = coordinator
    self.policy = policy
    self.workerExecutable = workerExecutable
    self.workers = workers
  }
}
