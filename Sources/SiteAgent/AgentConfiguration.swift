import FederatedTransport
import Foundation
import StudyProtocol

/// Where a site's agent keeps its things, whom it talks to, and what it may do.
public struct AgentConfiguration: Sendable {
  /// Everything the agent keeps: agreements, journals, models, its audit log.
  public var folder: URL
  /// The folder with the site's key and certificate.
  public var identityFolder: URL
  public var coordinator: ClientConfiguration
  /// What the site allows, whatever the coordinator asks.
  public var policy: SitePolicy
  /// The engine program; nil for the `consilium-worker` beside this program.
  public var workerExecutable: URL?
  /// Engine processes for one study.
  public var workers: Int

  public init(
    folder: URL, identityFolder: URL, coordinator: ClientConfiguration, policy: SitePolicy = SitePolicy(),
    workerExecutable: URL? = nil, workers: Int = 1
  ) {
    (self.folder, self.identityFolder, self.coordinator) = (folder, identityFolder, coordinator)
    (self.policy, self.workerExecutable, self.workers) = (policy, workerExecutable, workers)
  }
}
