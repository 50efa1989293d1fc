import FederatedCore
import Foundation

/// All results of a run: the content of `report.json` and of the drawings in `report.html`.
///
/// The results of a federation contain only counts and results per site. A simulation without policies also
/// has the results of single patients. Images occur only as ``PanelImage``, if the study permits them.
public struct StudyResults: Sendable, Codable, Equatable {
  public var study: StudyHeader
  public var status: RunStatus
  /// The sites in the order of the study.
  public var sites: [SiteSummary]
  /// The arms in the order of the report: local, pooled, then federated arms.
  public var arms: [ArmResults]
  public var panels: [PanelImage]
  public var findings: [ReportedFinding]
  public var dropped: [DroppedRecord]
  /// The parts of the results that the sites' policies withhold; `nil` if that is not known.
  public var withheld: [WithheldRecord]?
  /// Cautions about the numbers; `nil` in reports of earlier versions.
  public var cautions: [Caution]?
  public var environment: EnvironmentRecord
  /// The location of the data during the run; `nil` in records of earlier versions.
  public var setting: RunSetting?
  /// The statistics of the sites' data; `nil` unless they were added to the run.
  public var statistics: StudyStatistics?
  /// The numbers that were derived from bootstrap replicates; `nil` if the results still have replicates, or
  /// never had any.
  public var derived: [DerivedEstimate]?

  public init(
    study: StudyHeader, status: RunStatus, sites: [SiteSummary], arms: [ArmResults],
    panels: [PanelImage] = [], findings: [ReportedFinding] = [], dropped: [DroppedRecord] = [],
    cautions: [Caution]? = nil, environment: EnvironmentRecord, setting: RunSetting? = nil
  ) {
    self.study = study
    self.status = status
    self.sites = sites
    self.arms = arms
    self.panels = panels
    self.findings = findings
    self.dropped = dropped
    self.environment = environment
    self.cautions = cautions
    self.setting = setting
  }
}

/// The location of the sites' data during a run.
public enum RunSetting: String, Sendable, Codable {
  /// The data of all sites were on the one machine that simulated the sites.
  case simulation
  /// The data of each site stayed at the site.
  case federation
}

extension StudyResults {
  /// Whether all data were on one machine. If this is not recorded, it is inferred from features that only
  /// such runs have.
  var isSimulation: Bool {
    if let setting { return setting == .simulation }
    return arms.contains { $0.kind == .pooled } || environment.command.hasPrefix("consilium simulate")
  }

  /// The sites that trained or were tested, in order.
  var participants: [SiteSummary] {
    let trained = arms.flatMap(\.rounds).flatMap(\.training).compactMap(\.site)
    let tested = arms.flatMap(\.models).flatMap(\.test).filter { !$0.evaluation.metrics.isEmpty }.map(\.site)
    let active = Set(trained + tested)
    return sites.filter { !$0.parts.isEmpty && (active.isEmpty || active.contains($0.site)) }
  }
}

/// How a run ended.
public enum RunStatus: Sendable, Codable, Equatable {
  case finished
  /// The result lacks sites that the study requires.
  case partial(missing: [SiteID], reason: String)
}

/// The study's question and protocol, from the study file.
public struct StudyHeader: Sendable, Codable, Equatable {
  public var name: String
  public var version: Int
  public var title: String
  /// The task: `segmentation`, `classification` or `survival`.
  public var task: String
  /// The study's canonical digest (SHA-256 in hexadecimal).
  public var digest: String
  /// The protocol in plain English. Paragraphs are separated by empty lines; lines that begin with `- ` are
  /// list items.
  public var explanation: String
  /// The names of the metrics in the study's order. Figures and summaries show the first metric.
  public var metrics: [String]
  /// The names of the classes. For a segmentation, the first class is the background.
  public var classNames: [String]
  /// The confidence level of the intervals.
  public var confidence: Double
  /// Whether the data were generated instead of coming from patients. The report states this at the top.
  public var isGenerated: Bool
  /// The unit of analysis, named in every count and sentence of a report.
  public var unit: UnitOfAnalysis
  /// Whether the study requests intervals; `nil` in reports of earlier versions.
  public var asksForIntervals: Bool?

  public init(
    name: String, version: Int, title: String, task: String, digest: String, explanation: String,
    metrics: [String], classNames: [String] = [], confidence: Double = 0.95, isGenerated: Bool = false,
    unit: UnitOfAnalysis = .patient, asksForIntervals: Bool? = nil
  ) {
    self.asksForIntervals = asksForIntervals
    self.name = name
    self.version = version
    self.title = title
    self.task = task
    self.digest = digest
    self.explanation = explanation
    self.metrics = metrics
    self.classNames = classNames
    self.confidence = confidence
    self.isGenerated = isGenerated
    self.unit = unit
  }
}

extension StudyHeader {
  /// Reads a header. Reports of earlier versions state no unit; they count patients.
  public init(from decoder: any Decoder) throws {
    let box = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      name: try box.decode(String.self, forKey: .name), version: try box.decode(Int.self, forKey: .version),
      title: try box.decode(String.self, forKey: .title), task: try box.decode(String.self, forKey: .task),
      digest: try box.decode(String.self, forKey: .digest),
      explanation: try box.decode(String.self, forKey: .explanation),
      metrics: try box.decode([String].self, forKey: .metrics),
      classNames: try box.decode([String].self, forKey: .classNames),
      confidence: try box.decode(Double.self, forKey: .confidence),
      isGenerated: try box.decode(Bool.self, forKey: .isGenerated),
      unit: try box.decodeIfPresent(UnitOfAnalysis.self, forKey: .unit) ?? .patient,
      asksForIntervals: try box.decodeIfPresent(Bool.self, forKey: .asksForIntervals))
  }
}

/// A participating site, described only by counts.
public struct SiteSummary: Sendable, Codable, Equatable {
  public struct Part: Sendable, Codable, Equatable {
    public var part: DataPart
    public var patients: Int
    public var examples: Int

    public init(part: DataPart, patients: Int, examples: Int) {
      self.part = part
      self.patients = patients
      self.examples = examples
    }
  }

  public var site: SiteID
  /// The institution's full name, if the study gives one.
  public var title: String?
  public var isRequired: Bool
  /// The counts per set; empty for a site that never trained.
  public var parts: [Part]

  public init(site: SiteID, title: String? = nil, isRequired: Bool, parts: [Part]) {
    self.site = site
    self.title = title
    self.isRequired = isRequired
    self.parts = parts
  }
}

/// A conflict between a site's data and the common data elements.
public struct ReportedFinding: Sendable, Codable, Equatable {
  public enum Severity: String, Sendable, Codable { case error, warning }

  public var severity: Severity
  public var site: SiteID
  public var element: String?
  public var records: Int?
  public var message: String

  public init(severity: Severity, site: SiteID, element: String?, records: Int?, message: String) {
    self.severity = severity
    self.site = site
    self.element = element
    self.records = records
    self.message = message
  }
}

/// A site, or one contribution of a site, that was left out of the models, with the reason.
public struct DroppedRecord: Sendable, Codable, Equatable {
  public var site: SiteID
  /// The arm of the dropped contribution; `nil` if the site was left out of all arms.
  public var arm: String?
  /// The round of the dropped contribution; `nil` if the site was left out of all rounds.
  public var round: Int?
  public var reason: String

  public init(site: SiteID, arm: String? = nil, round: Int? = nil, reason: String) {
    self.site = site
    self.arm = arm
    self.round = round
    self.reason = reason
  }
}

/// A part of the results that a site's policy withholds.
public struct WithheldRecord: Sendable, Codable, Equatable {
  public var site: SiteID
  /// The setting of the policy, for example `release.intervals`.
  public var setting: String
  public var message: String

  public init(site: SiteID, setting: String, message: String) {
    self.site = site
    self.setting = setting
    self.message = message
  }
}

/// A test image with outlines of truth and prediction.
public struct PanelImage: Sendable, Codable, Equatable {
  public var site: SiteID
  public var arm: String
  /// The bytes of a PNG file.
  public var png: Data
  public var caption: String
  /// The number of the patient if the image shows one of the worst cases; `nil` for an image chosen at
  /// random.
  public var worstCase: Int?

  public init(site: SiteID, arm: String, png: Data, caption: String, worstCase: Int? = nil) {
    self.site = site
    self.arm = arm
    self.png = png
    self.caption = caption
    self.worstCase = worstCase
  }
}
