import FederatedCore

/// The results of one arm of a run, such as `local`, `pooled` or `fedavg`.
public struct ArmResults: Sendable, Codable, Equatable {
  public enum Kind: String, Sendable, Codable {
    /// One model per site, trained on that site alone.
    case local
    /// One model trained on all data in one place.
    case pooled
    /// One model trained across the sites.
    case federated
    /// The models of the local arm, which predict together.
    case ensemble
  }

  /// The name, as on the command line and in the run folder.
  public var name: String
  public var kind: Kind
  /// A description of the arm in one sentence.
  public var summary: String
  /// The results of the rounds in order, from round 1.
  public var rounds: [RoundResults]
  /// The single model of the arm; for `.local`, one model per site.
  public var models: [ModelResults]
  /// The number of optimizer steps of all sites together.
  public var stepCount: Int
  /// The number of optimizer steps, one after another, that lead to one model. If sites train in parallel,
  /// only the site with the most steps is counted. `nil` in reports of earlier versions.
  public var stepsInSequence: Int?
  /// The number of times that training used an example, as a mean over all training examples; `nil` in
  /// reports of earlier versions.
  public var passes: Double?
  /// The elapsed (wall-clock) time.
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

/// The course of training and validation in one round of an arm.
public struct RoundResults: Sendable, Codable, Equatable {
  public struct Training: Sendable, Codable, Equatable {
    /// The site; `nil` for training on the pooled data of all sites.
    public var site: SiteID?
    public var summary: TrainingSummary

    public init(site: SiteID?, summary: TrainingSummary) {
      self.site = site
      self.summary = summary
    }
  }

  public var round: Int
  public var training: [Training]
  /// The results of the round's model on each site's validation data. In a local arm, these are the results
  /// of each site's own model on the site's own data.
  public var validation: [SiteResult]

  public init(round: Int, training: [Training], validation: [SiteResult]) {
    self.round = round
    self.training = training
    self.validation = validation
  }
}

/// The results of a model on one site's data.
public struct SiteResult: Sendable, Codable, Equatable {
  public var site: SiteID
  public var evaluation: SiteEvaluation

  public init(site: SiteID, evaluation: SiteEvaluation) {
    self.site = site
    self.evaluation = evaluation
  }
}

/// A final model with its results on every site's test data: a row of the matrix M[i][j].
public struct ModelResults: Sendable, Codable, Equatable {
  /// The site that trained the model alone; `nil` for a pooled or federated model.
  public var site: SiteID?
  /// The SHA-256 of its parameters, in hexadecimal.
  public var digest: String
  /// The model's file in the run folder; of an ensemble, the file of its first model.
  public var file: String
  public var parameterCount: Int
  /// The round whose model was selected on validation data; 0 for an ensemble.
  public var selectedRound: Int
  /// The reason for selecting that round; `nil` in reports of earlier versions.
  public var choice: RoundChoice?
  public var test: [SiteResult]
  /// The results on the test patients of all sites as one group; `nil` if their data were never in one place.
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
