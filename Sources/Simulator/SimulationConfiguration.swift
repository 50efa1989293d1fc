import FederatedCore
import Foundation
import StudyProtocol

/// The settings of a simulation: its study and sites, its folders, and its machine.
public struct SimulationConfiguration: Sendable {
  public var study: Study
  /// The study file as its author wrote it, kept in the run folder.
  public var studyText: String
  public var sites: [SiteDefinition]
  /// The folder against which the sites' relative paths are resolved.
  public var dataRoot: URL
  public var runFolder: URL
  /// The names of baselines, such as `local` or `pooled`, and of federated workflows, in the order of the
  /// report.
  public var arms: [String]
  /// The number of workers; `nil` to fill the machine's cores.
  public var workers: Int?
  /// The device for training: `cpu`, `cuda` or `cuda:N`.
  public var device: String
  /// Whether to resume an existing run folder.
  public var resume: Bool
  /// The worker program; `nil` for the `consilium-worker` next to this program.
  public var workerExecutable: URL?
  /// A safetensors file of initial weights; `nil` to create new weights.
  public var initialWeights: URL?
  /// Whether the data were generated instead of coming from patients. If so, the report states this at the
  /// top.
  public var isGenerated: Bool
  /// The policies by site. A site without a policy releases everything, but answers the question for
  /// statistics under the default policy.
  public var policies: [SiteID: SitePolicy]
  /// The command line that repeats the run, for the report.
  public var command: String

  public init(
    study: Study, studyText: String, sites: [SiteDefinition], dataRoot: URL, runFolder: URL,
    arms: [String], workers: Int? = nil, device: String = "cpu", resume: Bool = false,
    workerExecutable: URL? = nil, initialWeights: URL? = nil, isGenerated: Bool = false,
    policies: [SiteID: SitePolicy] = [:], command: String
  ) {
    self.study = study
    self.studyText = studyText
    self.sites = sites
    self.dataRoot = dataRoot
    self.runFolder = runFolder
    self.arms = arms
    self.workers = workers
    self.device = device
    self.resume = resume
    self.workerExecutable = workerExecutable
    self.initialWeights = initialWeights
    self.isGenerated = isGenerated
    self.policies = policies
    self.command = command
  }
}
