extension Study {
  /// What is measured, on which part of the data, and against what.
  public struct Evaluation: Encodable, Sendable, Equatable {
    /// Which round's model is the study's result.
    public enum Selection: String, Codable, Sendable, CaseIterable {
      /// The last round, unless an earlier one of the second half is better by more than chance on enough
      /// validation units.
      case auto
      /// The round with the best mean of `selectMetric` over the sites' validation parts.
      case validation
      case last
    }

    /// How the scores of a unit's examples (a patient's images) are combined into one, before AUC, balanced
    /// accuracy, calibration and concordance are computed.
    public enum Aggregation: String, Codable, Sendable, CaseIterable {
      case mean
      /// The highest score of each class, divided by their sum if there are more than two.
      case max
    }

    public enum Baseline: String, Codable, Sendable, CaseIterable {
      /// Each site alone.
      case local
      /// All data in one place, where that is possible.
      case pooled
    }

    public var metrics: [Metric]
    public var split: Split
    public var selectBestOn: Selection
    /// The metric by which models are selected; the first metric where the study names none.
    public var selectMetric: Metric
    public var earlyStopping: EarlyStopping?
    /// Evaluates on validation data after each such number of rounds.
    public var every: Int
    public var bootstrap: Bootstrap
    public var baselines: [Baseline]
    /// `nil` at the default, so that studies without this key keep their digest.
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
      precondition(!metrics.isEmpty, "a study measures something")
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

  /// Stops when the validation metric no longer gets better.
  public struct EarlyStopping: Codable, Sendable, Equatable {
    /// How many evaluations without a gain are tolerated.
    public var patience: Int
    /// The least difference that counts as a gain.
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

  /// Confidence intervals from resamples of patients.
  public struct Bootstrap: Codable, Sendable, Equatable {
    public var replicates: Int
    public var confidence: Double

    public init(replicates: Int = 1000, confidence: Double = 0.95) {
      self.replicates = replicates
      self.confidence = confidence
    }
  }

  /// How each site's records are divided into training, validation and test; nobody is in two parts.
  public struct Split: Sendable, Equatable {
    public enum Method: Sendable, Equatable {
      /// At random by the study's seed, in these shares of the site's groups.
      case fractions(test: Double, validation: Double)
      /// As an element says: the codes of the test and validation parts; the rest is training.
      case assigned(element: String, test: [String], validation: [String])
    }

    /// The element by which records are kept together; nil where each record stands by itself.
    public var by: String?
    public var method: Method

    public init(by: String? = nil, method: Method) {
      self.by = by
      self.method = method
    }
  }
}
