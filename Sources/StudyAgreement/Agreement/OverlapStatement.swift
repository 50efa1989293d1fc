import FederatedCore

/// A site's decision that numbers about almost the same patients as in earlier releases may leave it, in one
/// study.
///
/// The statement names the earlier sets. A set that the study itself releases is not among them, so the
/// permit does not cover a further change of the data.
public struct OverlapStatement: Statement {
  public static let kind = "consilium-overlap-permit-1"

  /// The study's digest.
  public var study: String
  public var site: SiteID
  /// The person who decided.
  public var person: String
  public var reason: String
  /// The names of the earlier sets in the site's history, sorted.
  public var sets: [String]

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the person or the reason is missing, or the
  ///   site has not released anything yet.
  public init(study: String, site: SiteID, person: String, reason: String, sets: [String])
    throws(ConsiliumError)
  {
    for (text, what) in [(person, "the person who decides"), (reason, "the reason")] {
      guard text.contains(where: { !$0.isWhitespace }), text.count <= 500 else {
        throw ConsiliumError(.invalidInput, "state \(what), in at most 500 characters")
      }
    }
    guard !sets.isEmpty else {
      throw ConsiliumError(
        .invalidInput, "no numbers have left this site yet, so there is nothing to permit")
    }
    self.study = study
    self.site = site
    self.person = person
    self.reason = reason
    self.sets = sets.sorted()
  }
}

/// A site's signed permit.
public typealias OverlapPermit = Signed<OverlapStatement>
