import FederatedCore
import Foundation
import Reporting

/// The contents of a study's page.
public struct StudyPage: Sendable, Equatable {
  public var line: StudyLine
  public var version: String
  /// The SHA-256 of the study, which sites sign.
  public var digest: String
  /// The protocol in plain English. Paragraphs are separated by empty lines; lists have lines that begin with
  /// `- `.
  public var explanation: String
  public var agreement: [AgreementLine]
  public var readiness: [ReadinessLine]
  /// The rounds in progress, at most one per arm; rounds of several sites come first.
  public var live: [LiveRound]
  /// The curves of each arm that has finished a round. The models that sites train alone share one set of
  /// curves.
  public var curves: [ArmCurves]
  /// The manifests arm by arm, in the order of the rounds; the page reverses the whole list.
  public var manifests: [ManifestRecord]
  public var results: [ResultsTable]
  /// Whether there is a report.
  public var hasReport: Bool
  /// The study's unit of analysis.
  public var unit: UnitOfAnalysis
  /// The sites for which the study is waiting.
  public var waiting: [WaitingSite]
  /// The downloads; empty until the study has ended.
  public var files: [ResultFile]
  /// The statistics of the sites' data, as their policies release them; `nil` if there are none.
  public var statistics: StudyStatistics?

  public init(
    line: StudyLine, version: String, digest: String, explanation: String, agreement: [AgreementLine] = [],
    readiness: [ReadinessLine] = [], live: [LiveRound] = [], curves: [ArmCurves] = [],
    manifests: [ManifestRecord] = [], results: [ResultsTable] = [], hasReport: Bool = false,
    unit: UnitOfAnalysis = .patient, waiting: [WaitingSite] = [], files: [ResultFile] = [],
    statistics: StudyStatistics? = nil
  ) {
    self.line = line
    self.version = version
    self.digest = digest
    self.explanation = explanation
    self.agreement = agreement
    self.readiness = readiness
    self.live = live
    self.curves = curves
    self.manifests = manifests
    self.results = results
    self.hasReport = hasReport
    self.unit = unit
    self.waiting = waiting
    self.files = files
    self.statistics = statistics
  }
}
