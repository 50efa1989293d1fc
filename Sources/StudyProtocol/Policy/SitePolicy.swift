/// A site's own rules, which bind every study and coordinator. The site owns the rules and has the last word.
///
/// Read a policy with ``init(file:)`` or ``init(yaml:file:)``. Everything has a default: see ``Acceptance``,
/// ``Release`` and ``Resources``.
public struct SitePolicy: Codable, Sendable, Equatable {
  /// The studies in which the site takes part.
  public var accept: Acceptance
  /// The data that may leave the site in addition to model updates.
  public var release: Release
  /// The times at which training may run, by the site's own clock.
  public var hours: TrainingHours
  /// The share of the site's machine that training may use.
  public var resources: Resources

  public init(
    accept: Acceptance = Acceptance(), release: Release = Release(), hours: TrainingHours = .always,
    resources: Resources = Resources()
  ) {
    self.accept = accept
    self.release = release
    self.hours = hours
    self.resources = resources
  }

  /// The rules by which the site accepts studies. A property that is `nil` accepts anything.
  public struct Acceptance: Codable, Sendable, Equatable {
    /// The names of accepted study leads, spelt as in their certificates.
    public var leads: [String]?
    public var architectures: [Study.Model.Architecture]?
    public var workflows: [Study.Workflow.Name]?
    public var losses: [Study.Training.Loss]?
    /// The accepted cuts of split learning, named as in ``Study/Model/cuts``.
    public var cuts: [String]?
    public var maximumRounds: Int
    /// The largest number of parameters that a model may have; each takes four bytes.
    public var maximumParameters: Int
    /// The largest number of studies that may ever train on the site's data. Many models together reveal more
    /// than each alone.
    public var maximumStudies: Int

    public init(
      leads: [String]? = nil, architectures: [Study.Model.Architecture]? = nil,
      workflows: [Study.Workflow.Name]? = nil, losses: [Study.Training.Loss]? = nil, cuts: [String]? = nil,
      maximumRounds: Int = 1000, maximumParameters: Int = 200_000_000, maximumStudies: Int = 20
    ) {
      self.leads = leads
      self.architectures = architectures
      self.workflows = workflows
      self.losses = losses
      self.cuts = cuts
      self.maximumRounds = maximumRounds
      self.maximumParameters = maximumParameters
      self.maximumStudies = maximumStudies
    }

    private enum CodingKeys: String, CodingKey {
      case leads, architectures, workflows, losses, cuts
      case maximumRounds = "maximum-rounds"
      case maximumParameters = "maximum-parameters"
      case maximumStudies = "maximum-studies"
    }
  }

  /// The data that may leave the site in addition to model updates.
  public struct Release: Codable, Sendable, Equatable {
    /// The metrics that may leave; `nil` for any.
    public var metrics: [Study.Metric]?
    /// The smallest number of patients behind any count, mean or metric that leaves.
    public var minimumPatients: Int
    /// Whether metrics and losses of this site alone may leave.
    public var perSiteMetrics: Bool
    /// Whether reliability curves, ROC curves and confusion matrices may leave. Small bins of a curve are
    /// merged first. A matrix with a small cell never leaves.
    public var calibration: Bool
    /// Whether bootstrap replicates may leave. Everyone who knows the study's seed can reconstruct the
    /// resamples, so enough replicates reveal each patient's own value.
    public var replicates: Bool
    /// Whether patients' images may leave in a report's panels.
    public var images: Bool
    /// The stored value of ``intervals``; `nil` for the default, so that policies without this key keep their
    /// digest.
    private var intervalsKey: Bool?

    /// Whether the ends of confidence intervals may leave, for each metric and for differences between
    /// models. True by default.
    public var intervals: Bool {
      get { intervalsKey ?? true }
      set { intervalsKey = newValue ? nil : false }
    }

    private var localModelsKey: Bool?

    /// Whether a model that was trained on this site's data alone may leave, as the arm `local` requires.
    /// True by default.
    public var localModels: Bool {
      get { localModelsKey ?? true }
      set { localModelsKey = newValue ? nil : false }
    }

    private var activationsKey: Bool?

    /// Whether the activations of split learning may leave: in every step, a picture-like map of each
    /// patient's image. The minimum of patients does not protect them. False by default.
    public var activations: Bool {
      get { activationsKey ?? false }
      set { activationsKey = newValue ? true : nil }
    }

    /// The largest L2 norm of an update that the site sends; `nil` for any. If it is set, a study without
    /// `privacy.clip-norm` is refused.
    public var clipNorm: Double?

    /// A kind of message that a site releases, named as ``StageMessage/Kind``.
    public enum MessageKind: String, Codable, Sendable, CaseIterable {
      case update, evaluation, statistics
    }

    /// The kinds of messages that may leave; `nil` for any.
    public var kinds: [MessageKind]?

    public init(
      metrics: [Study.Metric]? = nil, minimumPatients: Int = 10, perSiteMetrics: Bool = true,
      calibration: Bool = true, replicates: Bool = false, images: Bool = false, intervals: Bool = true,
      localModels: Bool = true, clipNorm: Double? = nil, kinds: [MessageKind]? = nil,
      activations: Bool = false
    ) {
      self.clipNorm = clipNorm
      self.kinds = kinds
      intervalsKey = intervals ? nil : false
      localModelsKey = localModels ? nil : false
      activationsKey = activations ? true : nil
      self.metrics = metrics
      self.minimumPatients = minimumPatients
      self.perSiteMetrics = perSiteMetrics
      self.calibration = calibration
      self.replicates = replicates
      self.images = images
    }

    private enum CodingKeys: String, CodingKey {
      case metrics, calibration, replicates, images, kinds
      case minimumPatients = "minimum-patients"
      case perSiteMetrics = "per-site-metrics"
      case intervalsKey = "intervals"
      case localModelsKey = "local-models"
      case activationsKey = "activations"
      case clipNorm = "clip-norm"
    }
  }

  /// The share of the site's machine that training may use.
  public struct Resources: Codable, Sendable, Equatable {
    /// The largest number of threads of the worker; `nil` for as many as the study asks for.
    public var threads: Int?
    /// The device for training: `cpu`, `cuda` or `cuda:N`.
    public var device: String
    /// The largest number of bytes per second that the site sends; `nil` for no limit.
    public var uploadRate: Int?

    public init(threads: Int? = nil, device: String = "cpu", uploadRate: Int? = nil) {
      self.threads = threads
      self.device = device
      self.uploadRate = uploadRate
    }

    private enum CodingKeys: String, CodingKey {
      case threads, device
      case uploadRate = "upload-rate"
    }
  }
}

extension SitePolicy {
  /// The policy as canonical JSON, which is itself a policy file.
  public func canonicalJSON() throws -> String { try StudyJSON.encode(self) }

  /// The SHA-256 of the canonical JSON, in hexadecimal; a site signs it together with a study.
  public func digest() throws -> String { StudyJSON.digest(of: try canonicalJSON()) }
}
