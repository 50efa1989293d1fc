import FederatedCore

/// What one arm of a run, such as `local`, `pooled` or `fedavg`, gave.
public struct ArmResults: Sendable, Codable, Equatable {
  public enum Kind: String, Sendable, Codable {
    /// One model a site, trained on that site alone.
    case local
    /// One model trained on all data in one place.
    case pooled
    /// One model trained across the sites.
    case federated
  }

  /// As the command line and the run folder name it.
  public var name: String
  public var kind: Kind
  /// What the arm does, in one sentence.
  public var summary: String
  /// In order, from 1.
  public var rounds: [RoundResults]
  /// One, or with `.local` one a site.
  public var models: [ModelResults]
  /// Optimizer steps taken by all sites together.
  public var stepCount: Int
  /// The optimizer steps in sequence to one model. Of sites that train in parallel, only the one with the
  /// most steps is included. `nil` in reports of earlier versions.
  public var stepsInSequence: Int?
  /// The mean number of passes over the training data, over all examples; `nil` in reports of earlier
  /// versions.
  public var passes: Double?
  /// Wall time.
  public var seconds: Double

  public init(
    name: String, kind: Kind, summary: String, rounds: [RoundResults], models: [ModelResults],
    stepCount: Int, seconds: Double, stepsInSequence: Int? = nil, passes: Double? = nil
  ) {
    self.name = name
    self.kind = kind
    self.summary = summary
    self.rounds = rounds
    self.models = models
    self.stepCount = stepCount
    self.seconds = seconds
    self.stepsInSequence = stepsInSequence
    self.passes = passes
  }
}

/// How training and validation went in one round of an arm.
public struct RoundResults: Sendable, Codable, Equatable {
  public struct Training: Sendable, Codable, Equatable {
    /// Nil for training on the pooled data of all sites.
    public var site: SiteID?
    public var summary: TrainingSummary

    public init(site: SiteID?, summary: TrainingSummary) {
      self.site = site
      self.summary = summary
    }
  }

  public var round: Int
  public var training: [Training]
  /// The round's model on each site's validation data; with a local arm each site's own model on its own data.
  public var validation: [SiteResult]

  public init(round: Int, training: [Training], validation: [SiteResult]) {
    self.round = round
    self.training = training
    self.validation = validation
  }
}

/// How a model does on one site's data.
public struct SiteResult: Sendable, Codable, Equatable {
  public var site: SiteID
  public var evaluation: SiteEvaluation

  public init(site: SiteID, evaluation: SiteEvaluation) {
    self.site = site
    self.evaluation = evaluation
  }
}

/// One final model and how it does on every site's test data: a row of the matrix M[i][j].
public struct ModelResults: Sendable, Codable, Equatable {
  /// The site that trained it alone; nil for a pooled or federated model.
  public var site: SiteID?
  /// The SHA-256 of its parameters, in hex.
  public var digest: String
  /// The file in the run folder.
  public var file: String
  public var parameterCount: Int
  /// The round whose model was selected on validation.
  public var selectedRound: Int
  /// The reason for that round; `nil` in reports of earlier versions.
  public var choice: RoundChoice?
  public var test: [SiteResult]
  /// The same on the test patients of all sites put together; nil where their data never were in one place.
  public var together: SiteEvaluation?

  public init(
    site: SiteID?, digest: String, file: String, parameterCount: Int, selectedRound: Int, test: [SiteResult],
    choice: RoundChoice? = nil, together: SiteEvaluation? = nil
  ) {
    self.site = site
    self.digest = digest
    self.file = file
    self.parameterCount = parameterCount
    self.selectedRound = selectedRound
    self.test = test
    self.together = together
    self.choice = choice
  }
}
