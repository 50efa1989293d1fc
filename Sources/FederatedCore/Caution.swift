/// Something that readers must know before they trust a number: a set that is too small, a model chosen too
/// early, a result no better than chance.
///
/// Holds counts and results, never a patient's value.
public struct Caution: Sendable, Codable, Equatable {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// Too few validation units to choose a round, or to end training early.
    case fewValidation = "few-validation"
    /// Too few test units for a useful confidence interval.
    case fewTest = "few-test"
    /// Too few test units for any confidence interval, or test units whose results do not vary.
    case noInterval = "no-interval"
    /// A site's policy withholds the confidence intervals of its results.
    case withheldInterval = "withheld-interval"
    /// A set has only units of one class, or too few units of some class.
    case fewOfClass = "few-of-class"
    /// The result is the model of one of the first rounds.
    case chosenEarly = "chosen-early"
    /// The validation score still rises at the last round.
    case stillRising = "still-rising"
    /// The whole confidence interval lies below the chance level.
    case belowChance = "below-chance"
    /// The confidence interval includes the chance level.
    case notAboveChance = "not-above-chance"
    /// The shared model is worse than a site's own model on that site's data, by more than chance.
    case harm
    /// The shared model is worse than a site's own model on that site's data, and the difference may be due
    /// to chance.
    case possibleHarm = "possible-harm"
    /// Two sites store their images or masks in different ways: for example mirrored, at another scale, or
    /// with swapped codes.
    case unlikeSites = "unlike-sites"
  }

  public var kind: Kind
  /// The sites concerned; empty if the caution is about the whole study.
  public var sites: [SiteID]
  /// The arm concerned, if any.
  public var arm: String?
  /// One or two sentences for readers who are not statisticians.
  public var message: String

  public init(_ kind: Kind, sites: [SiteID] = [], arm: String? = nil, message: String) {
    self.kind = kind
    self.sites = sites
    self.arm = arm
    self.message = message
  }
}
