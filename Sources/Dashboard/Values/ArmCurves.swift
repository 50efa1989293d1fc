import FederatedCore

/// The course of one arm's training so far, site by site.
public struct ArmCurves: Sendable, Equatable {
  public struct Point: Sendable, Equatable {
    public var round: Int
    public var value: Double

    public init(round: Int, value: Double) {
      self.round = round
      self.value = value
    }
  }

  /// The curves of one site; a round without a value has no point.
  public struct Site: Sendable, Equatable {
    public var site: SiteID
    public var title: String?
    /// The metric on the site's validation patients after each round.
    public var validation: [Point]
    /// The mean training loss of each round.
    public var loss: [Point]

    public init(site: SiteID, title: String? = nil, validation: [Point], loss: [Point]) {
      self.site = site
      self.title = title
      self.validation = validation
      self.loss = loss
    }
  }

  public var arm: String
  /// The name of the validation metric, such as `dice`.
  public var metric: String
  /// The round whose model is the result if the arm ends now.
  public var bestRound: Int?
  /// Whether the study validates the models of the rounds.
  public var isValidated: Bool
  public var sites: [Site]

  public init(arm: String, metric: String, bestRound: Int? = nil, isValidated: Bool = true, sites: [Site]) {
    self.arm = arm
    self.metric = metric
    self.bestRound = bestRound
    self.isValidated = isValidated
    self.sites = sites
  }
}
