import FederatedCore
import FederatedRuntime
import Reporting
import StudyProtocol

/// A candidate for a study: a site, and the reasons, if any, why it cannot take part.
public struct StudyCandidate: Sendable {
  public var site: SiteID
  public var title: String?
  /// The site's data as its engine described them; `nil` if they could not be read.
  public var data: SessionDescription?
  /// Whether a program generated the data.
  public var isGenerated: Bool
  /// The reasons why the site cannot take part, one sentence each; empty if the site can take part.
  public var obstacles: [String]
  /// The reason why the site is left out, for the report; `nil` to use ``StudyAdmission/Words/exclusion``.
  public var exclusion: String?
  /// The parts of the results that the site's policy withholds.
  public var withheld: [WithheldRecord] = []

  public init(
    site: SiteID, title: String? = nil, data: SessionDescription?, isGenerated: Bool, obstacles: [String]
  ) {
    self.site = site
    self.title = title
    self.data = data
    self.isGenerated = isGenerated
    self.obstacles = obstacles
  }
}

/// The sites that take part in a study, and the sites that are left out.
public struct StudyAdmission: Sendable {
  /// The parts of errors and reports that depend on where the study runs: in a simulation or over the
  /// network.
  public struct Words: Sendable {
    /// The code of the error: `.invalidInput` if the study has to be run again, `.unavailable` if it can be
    /// resumed.
    public var code: ConsiliumError.Code
    /// The advice at the end of the error message; empty if the obstacles contain advice themselves.
    public var advice: String
    /// The reason for leaving out a site, for the report, unless the candidate states its own reason.
    public var exclusion: String

    public init(code: ConsiliumError.Code, advice: String = "", exclusion: String) {
      self.code = code
      self.advice = advice
      self.exclusion = exclusion
    }
  }

  /// All candidates, in the order of the report.
  public let candidates: [StudyCandidate]
  /// The sites that take part, in the order of their names.
  public let sites: [SiteID]
  /// The sites that do not take part, and why.
  public let excluded: [DroppedSite]

  /// Leaves out the candidates with obstacles.
  ///
  /// - Throws: ``ConsiliumError`` with the code of `words` if a required site has an obstacle or if fewer
  ///   sites are left than the study needs.
  public init(of candidates: [StudyCandidate], to study: Study, words: Words) throws(ConsiliumError) {
    self.init(of: candidates, words: words)
    let broken = candidates.filter { !$0.obstacles.isEmpty }
    let required = study.requiredSites(of: candidates.map(\.site))
    let missing = broken.filter { required.contains($0.site) }
    guard missing.isEmpty else {
      throw Self.refusal("required sites cannot take part; nothing was trained:", missing, words)
    }
    let minimum = study.minimumSites(of: candidates.count)
    guard sites.count >= minimum else {
      let number = sites.count == 1 ? "1 site" : "\(sites.count) sites"
      throw Self.refusal("only \(number) can take part; the study needs \(minimum)", broken, words)
    }
  }

  /// Leaves out the candidates with obstacles, even required sites. Used for the results of a study that has
  /// ended.
  public init(of candidates: [StudyCandidate], words: Words) {
    self.candidates = candidates
    sites = candidates.filter(\.obstacles.isEmpty).map(\.site).sorted()
    excluded = candidates.filter { !$0.obstacles.isEmpty }
      .map { DroppedSite(site: $0.site, reason: $0.exclusion ?? words.exclusion) }
  }

  public var admitted: [StudyCandidate] { candidates.filter { sites.contains($0.site) } }

  private static func refusal(_ headline: String, _ broken: [StudyCandidate], _ words: Words)
    -> ConsiliumError
  {
    let lines = broken.sorted { $0.site < $1.site }.flatMap { candidate in
      candidate.obstacles.map { "  site '\(candidate.site)': \($0)" }
    }
    let advice = words.advice.isEmpty ? [] : [words.advice]
    return ConsiliumError(words.code, ([headline] + lines + advice).joined(separator: "\n"))
  }
}
