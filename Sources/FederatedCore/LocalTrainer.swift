/// The only access to an engine: trains and evaluates models on one site's data.
public protocol LocalTrainer: Sendable {
  /// Trains a copy of `global` on the site's training data.
  ///
  /// The same arguments produce the same bits.
  /// - Throws: ``ConsiliumError``, also if a loss is not finite.
  func train(from global: ModelParameters, following instruction: TrainingInstruction) async throws
    -> LocalResult

  /// Evaluates `model` on one part (training, validation or test set) of the site's data.
  func evaluate(_ model: ModelParameters, on part: DataPart) async throws -> SiteEvaluation

  /// Computes the bins of the site's patients for federated statistics. The bins never leave the site; its
  /// gate computes the released answer from them.
  func statistics(_ question: StatisticsQuestion) async throws -> SiteStatistics
}

extension LocalTrainer {
  public func statistics(_ question: StatisticsQuestion) async throws -> SiteStatistics {
    throw ConsiliumError(.engine, "the engine does not compute statistics")
  }
}

/// The parts into which each site's data are split, by patient: training, validation and test set.
public enum DataPart: String, Sendable, Codable, CaseIterable {
  case training, validation, test
}

/// The instruction to a trainer for one round.
///
/// The two correction terms, ``proximalStrength`` and ``gradientOffset``, are enough for FedProx, SCAFFOLD
/// and related algorithms. Everything else about training is in the study.
public struct TrainingInstruction: Sendable, Equatable {
  public enum Amount: Sendable, Equatable, Codable {
    /// Trains for this many passes over the site's training data.
    case epochs(Int)
    /// Trains for this many optimizer steps.
    case steps(Int)
    /// Trains for this fraction of a pass over the site's training data, in whole optimizer steps, at least
    /// one: the steps are in proportion to the number of examples (Balachandar et al. 2020). Each site
    /// computes its own number of steps, so no site needs to know the others' numbers of examples.
    case fraction(Double)

    /// The number of optimizer steps of a site with a number of examples; a pass takes one step per batch.
    public func steps(examples: Int, batchSize: Int) -> Int {
      let batch = max(1, batchSize)
      switch self {
      case .epochs(let epochs): return epochs * ((examples + batch - 1) / batch)
      case .steps(let steps): return steps
      case .fraction(let fraction):
        return max(1, Int((fraction * Double(examples) / Double(batch)).rounded()))
      }
    }
  }

  public var round: Int
  public var amount: Amount
  public var learningRate: Double
  /// The seed for shuffling, augmentation and dropout of this site in this round.
  public var seed: UInt64
  /// How the update is weighted in the mean.
  public var weighting: UpdateWeighting
  /// The strength µ with which FedProx pulls the trainable parameters towards the global model.
  public var proximalStrength: Double
  /// A constant vector that is added to every gradient, as SCAFFOLD does; `nil` for none.
  public var gradientOffset: ModelParameters?
  /// The division of the model with a host, which trains the middle; `nil` to train the whole model here.
  public var division: ModelDivision?

  public init(
    round: Int, amount: Amount, learningRate: Double, seed: UInt64, weighting: UpdateWeighting = .samples,
    proximalStrength: Double = 0, gradientOffset: ModelParameters? = nil
  ) {
    self.round = round
    self.amount = amount
    self.learningRate = learningRate
    self.seed = seed
    self.weighting = weighting
    self.proximalStrength = proximalStrength
    self.gradientOffset = gradientOffset
  }
}

/// How each site's update is weighted in a mean.
public enum UpdateWeighting: String, Sendable, Codable, CaseIterable {
  /// The weight is proportional to the number of training examples.
  case samples
  /// All sites have the same weight.
  case equal
  /// The weight is proportional to the sum of the loss weights of the site's training examples. The loss
  /// weight of an example depends on its class. The sites' weighted losses then add up to the loss over all
  /// examples in one place, whatever mix of classes a site has.
  case classWeights = "class-weights"

  /// The weight for a number of training examples; `nil` if the number is unknown, or if the weighting also
  /// needs the examples' classes.
  private func weight(ofExamples count: Int?) -> Double? {
    switch self {
    case .samples: count.flatMap { $0 > 0 ? Double($0) : nil }
    case .equal: 1
    case .classWeights: nil
    }
  }

  /// The weights of the updates of these sites; empty if they cannot be computed from the numbers of training
  /// examples alone.
  ///
  /// - Parameter examples: The number of a site's training examples; `nil` if it is unknown.
  public static func weights(
    _ sites: [SiteID], _ weighting: UpdateWeighting, examples: (SiteID) -> Int?
  ) -> [SiteID: Double] {
    var weights: [SiteID: Double] = [:]
    for site in sites {
      guard let weight = weighting.weight(ofExamples: examples(site)) else { return [:] }
      weights[site] = weight
    }
    return weights
  }

  public func weight(of summary: TrainingSummary) -> Double {
    switch self {
    case .samples: Double(summary.exampleCount)
    case .equal: 1
    case .classWeights: summary.weightedCount ?? Double(summary.exampleCount)
    }
  }
}

/// The result of training at a site: the change of the model, and a summary of the training.
public struct LocalResult: Sendable {
  /// The change of the model: the local minus the global parameters, including buffers.
  public var delta: ModelParameters
  public var summary: TrainingSummary

  public init(delta: ModelParameters, summary: TrainingSummary) {
    self.delta = delta
    self.summary = summary
  }
}

/// A summary of one site's training in one round. It contains no value of a single patient.
public struct TrainingSummary: Sendable, Codable, Equatable {
  /// The number of training examples of the site.
  public var exampleCount: Int
  /// The number of optimizer steps taken.
  public var stepCount: Int
  /// The mean training loss over the steps; `nil` if the site's policy withholds it.
  public var loss: Double?
  /// The wall time of the training itself, in seconds.
  public var seconds: Double
  /// The sum of the loss weights of the training examples; the loss weight of an example depends on its
  /// class. `nil` if the study does not use this sum.
  public var weightedCount: Double?
  /// The patients from whose data the update and this summary were computed; `nil` after a gate has released
  /// the summary, or if the engine does not report them.
  public var patients: TrainingPatients?

  public init(
    exampleCount: Int, stepCount: Int, loss: Double?, seconds: Double, weightedCount: Double? = nil,
    patients: TrainingPatients? = nil
  ) {
    self.exampleCount = exampleCount
    self.stepCount = stepCount
    self.loss = loss
    self.seconds = seconds
    self.weightedCount = weightedCount
    self.patients = patients
  }
}

/// The performance of one model on one part of one site's data.
public struct SiteEvaluation: Sendable, Codable, Equatable {
  /// The number of patients, or other units of analysis, that were evaluated.
  public var patientCount: Int
  /// The number of examples that were evaluated.
  public var exampleCount: Int
  /// The mean loss over examples; `nil` if the task has no loss per example.
  public var loss: Double?
  public var metrics: [MetricEstimate]
  /// The reliability curve of a classification; empty for other tasks.
  public var calibration: [CalibrationBin]
  /// The comparisons of this model with other models on the same data, if the site sends intervals instead of
  /// replicates.
  public var comparisons: [PairedComparison]?
  /// Further results; `nil` in records of earlier versions and in evaluations on validation data.
  public var details: EvaluationDetails?
  /// The patients from whose data the numbers of this evaluation were computed; `nil` after a gate has
  /// released the evaluation, or if the engine does not report them.
  public var patients: EvaluationPatients?

  public init(
    patientCount: Int, exampleCount: Int, loss: Double?, metrics: [MetricEstimate],
    calibration: [CalibrationBin] = [], comparisons: [PairedComparison]? = nil,
    details: EvaluationDetails? = nil, patients: EvaluationPatients? = nil
  ) {
    self.patients = patients
    self.comparisons = comparisons
    self.patientCount = patientCount
    self.exampleCount = exampleCount
    self.loss = loss
    self.metrics = metrics
    self.calibration = calibration
    self.details = details
  }

  /// The estimate of the metric with this name; `nil` if it is not defined on these data.
  public subscript(metric: String) -> MetricEstimate? { metrics.first { $0.name == metric } }
}

/// A metric's value on one site's data, with its bootstrap replicates over patients.
///
/// All models are evaluated on the same resamples of a site's patients, so that differences between models
/// are paired. The interval of a gain comes from the differences of the replicates.
public struct MetricEstimate: Sendable, Codable, Equatable {
  public var name: String
  /// The metric's value, never NaN: a metric that is not defined on the data is left out.
  public var value: Double
  /// The number of patients from whose data the value was computed.
  public var patientCount: Int
  /// One value per resample, in the order of the resamples; empty if the study requests none. If the metric
  /// is not defined on a resample, its replicate is `value`.
  public var replicates: [Double]
  /// The interval at the study's confidence level, computed by the site; `nil` if the site sends replicates
  /// instead.
  public var interval: MetricInterval?

  public init(
    name: String, value: Double, patientCount: Int, replicates: [Double] = [], interval: MetricInterval? = nil
  ) {
    self.interval = interval
    self.name = name
    self.value = value
    self.patientCount = patientCount
    self.replicates = replicates
  }
}

/// The lower and the upper end of a confidence interval.
public struct MetricInterval: Sendable, Codable, Equatable {
  public var low: Double
  public var high: Double

  public init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }
}

/// A comparison of one model with another: the interval of the difference between their values of a metric,
/// from paired resamples of the same patients.
public struct PairedComparison: Sendable, Codable, Equatable {
  /// The metric's name.
  public var metric: String
  /// The SHA-256 of the parameters of the model with which this model is compared, in hexadecimal.
  public var against: String
  public var patientCount: Int
  /// The interval of the difference: the value of this model minus the value of the model ``against``.
  public var interval: MetricInterval
  /// The patients for whom the metric is defined under both models; `nil` in everything that has passed a
  /// gate.
  public var patients: PatientSet?

  public init(
    metric: String, against: String, patientCount: Int, interval: MetricInterval,
    patients: PatientSet? = nil
  ) {
    self.patients = patients
    self.metric = metric
    self.against = against
    self.patientCount = patientCount
    self.interval = interval
  }
}

/// One bin of a reliability curve: the predicted and the observed frequency.
public struct CalibrationBin: Sendable, Codable, Equatable {
  public var exampleCount: Int
  /// The mean predicted probability.
  public var meanProbability: Double
  /// The share of examples for which the prediction was true.
  public var observedFrequency: Double

  public init(exampleCount: Int, meanProbability: Double, observedFrequency: Double) {
    self.exampleCount = exampleCount
    self.meanProbability = meanProbability
    self.observedFrequency = observedFrequency
  }
}
