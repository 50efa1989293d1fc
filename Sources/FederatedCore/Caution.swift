/// Something that a reader must know before he trusts a number: a part that is too small, a model chosen too early, a result no
/// better than chance.
///
/// Holds counts and results, never a patient's value.
public struct Caution: Sendable, Codable, Equatable {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// Too few validation units to choose a round by, or to end training early by.
    case fewValidation = "few-validation"
    /// Too few test units for an interval of use.
    case fewTest = "few-test"
    /// Too few test units for any interval.
    case noInterval = "no-interval"
    /// A site's policy keeps its intervals at home.
    case withheldInterval = "withheld-interval"
    /// A part has units of one class only, or too few of one.
    case fewOfClass = "few-of-class"
    /// The result is the model of one of the first rounds.
    case chosenEarly = "chosen-early"
    /// The validation score still rises at the last round.
    case stillRising = "still-rising"
    /// The interval lies below chance.
    case belowChance = "below-chance"
    /// The interval holds chance.
    case notAboveChance = "not-above-chance"
    /// A site is worse off with the common model than with its own.
    case harm
  }

  public var kind: Kind
  /// The sites that are concerned; empty if it is about the study as a whole.
  public var sites: [SiteID]
  /// The arm that is concerned, if one is.
  public var arm: String?
  /// One or two sentences for a reader who is no statistician.
  public var message: String

  public init(_ kind: Kind, sites: [SiteID] = [], arm: String? = nil, message: String) {
    self.kind = kind
    self.sites = sites
    self.arm = arm
    self.message = message
  }
}
