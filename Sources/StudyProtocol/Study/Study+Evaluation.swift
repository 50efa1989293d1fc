extension Study {
  /// The metrics, the data on which they are measured, and the comparison.
  public struct Evaluation: Encodable, Sendable, Equatable {
    /// The rule that selects the round whose model is the study's result.
    public enum Selection: String, Codable, Sendable, CaseIterable {
      /// Selects the final round, unless an earlier round of the second half is better by more than chance.
      /// With too few validation patients (or other units of analysis) to tell, it always selects the final
      /// round.
      case auto
      /// Selects the round with the best mean of `selectMetric` over the sites' validation sets.
      case validation
      case last
    }

    /// How the scores of a unit's examples (a patient's images) are combined into one score. This happens
    /// before AUC, balanced accuracy, calibration and concordance are computed.
    public enum Aggregation: String, Codable, Sendable, CaseIterable {
      case mean
      /// The highest score of each class. If there are more than two classes, each of these scores is divided
      /// by their sum.
      case max
    }

    public enum Baseline: String, Codable, Sendable, CaseIterable {
      /// Each site trains a model on its own data alone.
      case local
      /// One model is trained on all sites' data in one place, which is possible only in a simulation.
      case pooled
    }

    public var metrics: [Metric]
    public var split: Split
    public var selectBestOn: Selection
    /// The metric that selects models; by default, the study's first metric.
    public var selectMetric: Metric
    public var earlyStopping: EarlyStopping?
    /// The number of rounds from one evaluation on validation data to the next.
    public var every: Int
    public var bootstrap: Bootstrap
    public var baselines: [Baseline]
    /// The stored value of ``aggregation``; `nil` for the default, so that studies without this key keep
    /// their digest.
    private var aggregate: Aggregation?

    /// How the scores of a unit's examples are combined; the mean by default.
    public var aggregation: Aggregation {
      get { aggregate ?? .mean }
      set { aggregate = newValue == .mean ? nil : newValue }
    }

    public init(
      metrics: [Metric], split: Split, selectBestOn: Selection = .auto, selectMetric: Metric? = nil,
      earlyStopping: EarlyStopping? = nil, every: Int = 1, bootstrap: Bootstrap = Bootstrap(),
      baselines: [Baseline] = [.local, .pooled], aggregation: Aggregation = .mean
    ) {
      precondition(!metrics.isEmpty, "a study has at least one metric")
      self.metrics = metrics
      self.split = split
      self.selectBestOn = selectBestOn
      self.selectMetric = selectMetric ?? metrics[0]
      self.earlyStopping = earlyStopping
      self.every = every
      self.bootstrap = bootstrap
      self.baselines = baselines
      self.aggregation = aggregation
    }

    private enum CodingKeys: String, CodingKey {
      case metrics, split, every, bootstrap, baselines, aggregate
      case selectBestOn = "select-best-on"
      case selectMetric = "select-metric"
      case earlyStopping = "early-stopping"
    }
  }

  /// The rule that stops training once the validation metric no longer improves.
  public struct EarlyStopping: Codable, Sendable, Equatable {
    /// The number of evaluations without improvement that are tolerated.
    public var patience: Int
    /// The smallest difference that counts as an improvement.
    public var minimumChange: Double

    public init(patience: Int, minimumChange: Double = 0) {
      self.patience = patience
      self.minimumChange = minimumChange
    }

    private enum CodingKeys: String, CodingKey {
      case patience
      case minimumChange = "minimum-change"
    }
  }

  /// Settings of confidence intervals from resamples of patients.
  public struct Bootstrap: Codable, Sendable, Equatable {
    public var replicates: Int
    public var confidence: Double

    public init(replicates: Int = 1000, confidence: Double = 0.95) {
      self.replicates = replicates
      self.confidence = confidence
    }
  }

  /// The division of each site's records into training, validation and test sets. No patient is in two sets.
  public struct Split: Sendable, Equatable {
    public enum Method: Sendable, Equatable {
      /// Assigns the site's patients (or other groups of records) at random, by the study's seed. The given
      /// shares of the patients go to the test and the validation set, all others to the training set.
      case fractions(test: Double, validation: Double)
      /// Assigns each record by its code in an element. These codes mean the test and the validation set;
      /// every other code means the training set.
      case assigned(element: String, test: [String], validation: [String])
    }

    /// The element by which records are kept together; `nil` if each record is assigned to a set by itself.
    public var by: String?
    public var method: Method

    public init(by: String? = nil, method: Method) {
      self.by = by
      self.method = method
    }
  }
}
