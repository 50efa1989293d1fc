import Foundation

/// Where a coordinator keeps its things and how it runs studies.
public struct CoordinatorConfiguration: Sendable {
  /// Everything the coordinator keeps: its database, studies and audit log.
  public var folder: URL
  /// How many studies run at once; further ones wait in the order in which they were started.
  public var concurrentStudies: Int
  /// How long a site that a study can do without is waited for: at the start, and in a round beyond what the rehearsal foretells.
  public var patience: Duration
  /// How long what only waits for such a site, its own baseline and its part in the rehearsal and the final evaluation, waits for it: its
  /// hours may be those of the night.
  public var absence: Duration
  /// How long another agent with the same identity is kept out after the first was last heard of.
  public var takeover: Duration

  public init(
    folder: URL, concurrentStudies: Int = 2, patience: Duration = .seconds(900),
    absence: Duration = .seconds(2 * 86_400),
    takeover: Duration = .seconds(120)
  ) {
    (self.folder, self.concurrentStudies) = (folder, concurrentStudies)
    (self.patience, self.absence, self.takeover) = (patience, absence, takeover)
  }

  var database: URL { folder.appending(path: "coordinator.sqlite") }
  var auditLog: URL { folder.appending(path: "audit.log") }

  /// Where one study's run, manifests and files on their way lie.
  func folder(of study: String) -> URL { folder.appending(path: "studies").appending(path: study) }
}
