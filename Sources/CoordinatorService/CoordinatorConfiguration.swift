import FederatedRuntime
import Foundation

/// The coordinator's folder, and the settings with which it runs studies.
public struct CoordinatorConfiguration: Sendable {
  /// The folder of all files of the coordinator: its database, studies and audit log.
  public var folder: URL
  /// The number of studies that run at once. Further ones wait in the order in which they were started.
  public var concurrentStudies: Int
  /// How long a study waits for optional sites at its start. In a round, the study waits for this duration in
  /// addition to a multiple of the predicted time.
  public var patience: Duration
  /// How long a study waits for work that only an optional site can do: its baseline, its part in the
  /// rehearsal and its part in the final evaluation. The default is generous, because a site may train only
  /// at night.
  public var absence: Duration
  /// How long another agent with the same identity is refused after the last sign of life from the first
  /// agent.
  public var takeover: Duration
  /// The time until another attempt to store what could not be stored, such as on a full disk.
  public var storageRetry: Duration
  /// The time until a study that a storage error has paused is resumed: at first, and at most after repeated
  /// errors.
  public var storageResumption: ClosedRange<Duration>
  /// The engine that computes the middle of split models, without its log folder; `nil` if there is none.
  public var engine: Engine?

  /// The coordinator's own engine. It has no data of patients; a study's sites send it activations.
  public struct Engine: Sendable {
    public var worker: URL
    public var device: String

    public init(worker: URL, device: String = "cpu") {
      self.worker = worker
      self.device = device
    }
  }

  public init(
    folder: URL, concurrentStudies: Int = 2, patience: Duration = .seconds(900),
    absence: Duration = .seconds(2 * 86_400),
    takeover: Duration = .seconds(120), storageRetry: Duration = .seconds(10),
    storageResumption: ClosedRange<Duration> = .seconds(60)...(.seconds(3600)), engine: Engine? = nil
  ) {
    self.engine = engine
    self.folder = folder
    self.concurrentStudies = concurrentStudies
    self.patience = patience
    self.absence = absence
    self.takeover = takeover
    self.storageRetry = storageRetry
    self.storageResumption = storageResumption
  }

  var database: URL { folder.appending(path: "coordinator.sqlite") }
  var auditLog: URL { folder.appending(path: "audit.log") }

  /// The folder of a study: its run, its manifests and its files in transfer.
  func folder(of study: String) -> URL { folder.appending(path: "studies").appending(path: study) }
}
