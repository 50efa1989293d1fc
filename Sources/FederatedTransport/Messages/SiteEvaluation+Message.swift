import FederatedCore

extension SiteEvaluation {
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` where a number is none that a site can have.
  init(_ message: Consilium_V1_Evaluation) throws {
    self.init(
      patientCount: try count(message.patients, "patients"),
      exampleCount: try count(message.examples, "examples"),
      loss: message.hasLoss ? try finite(message.loss, "the loss") : nil,
      metrics: try atMost(256, message.metrics, "metrics").map(MetricEstimate.init),
      calibration: try atMost(100, message.calibration, "calibration bins").map(CalibrationBin.init),
      comparisons: message.comparisons.isEmpty
        ? nil
        : try atMost(100_000, message.comparisons, "comparisons").map(PairedComparison.init),
      details: message.hasDetails ? try EvaluationDetails(message.details) : nil)
  }

  var message: Consilium_V1_Evaluation {
    .with {
      ($0.patients, $0.examples) = (UInt64(patientCount), UInt64(exampleCount))
      if let loss { $0.loss = loss }
      $0.metrics = metrics.map(\.message)
      $0.calibration = calibration.map(\.message)
      $0.comparisons = (comparisons ?? []).map(\.message)
      if let details { $0.details = details.message }
    }
  }
}

extension MetricEstimate {
  fileprivate init(_ message: Consilium_V1_Metric) throws {
    guard !message.name.isEmpty, message.name.utf8.count <= 64 else { throw messageFault("a metric's name") }
    self.init(
      name: message.name, value: try finite(message.value, message.name),
      patientCount: try count(message.patients, "patients"),
      // As many as a study may ask for.
      replicates: try atMost(100_000, message.replicates, "replicates").map {
        try finite($0, message.name)
      },
      interval: message.hasLow && message.hasHigh
        ? try MetricInterval(low: message.low, high: message.high, of: message.name) : nil)
  }

  fileprivate var message: Consilium_V1_Metric {
    .with {
      ($0.name, $0.value, $0.patients) = (name, value, UInt64(patientCount))
      $0.replicates = replicates
      if let interval { ($0.low, $0.high) = (interval.low, interval.high) }
    }
  }
}

extension MetricInterval {
  fileprivate init(low: Double, high: Double, of name: String) throws {
    self.init(low: try finite(low, name), high: try finite(high, name))
    guard low <= high else { throw messageFault("an interval of \(name) from \(low) to \(high)") }
  }
}

extension PairedComparison {
  fileprivate init(_ message: Consilium_V1_Comparison) throws {
    guard !message.metric.isEmpty, message.metric.utf8.count <= 64, message.against.utf8.count == 64 else {
      throw messageFault("a comparison of models")
    }
    self.init(
      metric: message.metric, against: message.against,
      patientCount: try count(message.patients, "patients"),
      interval: try MetricInterval(low: message.low, high: message.high, of: message.metric))
  }

  fileprivate var message: Consilium_V1_Comparison {
    .with {
      ($0.metric, $0.against, $0.patients) = (metric, against, UInt64(patientCount))
      ($0.low, $0.high) = (interval.low, interval.high)
    }
  }
}

extension CalibrationBin {
  /// Between 0 and 1, but for the rounding of an engine's single precision.
  private static let shares = -1e-6...1 + 1e-6

  fileprivate init(_ message: Consilium_V1_CalibrationBin) throws {
    self.init(
      exampleCount: try count(message.examples, "examples"),
      meanProbability: try finite(message.meanProbability, "a probability", in: Self.shares),
      observedFrequency: try finite(message.observedFrequency, "a frequency", in: Self.shares))
  }

  fileprivate var message: Consilium_V1_CalibrationBin {
    .with {
      $0.examples = UInt64(exampleCount)
      ($0.meanProbability, $0.observedFrequency) = (meanProbability, observedFrequency)
    }
  }
}

extension TrainingSummary {
  init(_ message: Consilium_V1_Summary) throws {
    self.init(
      exampleCount: try count(message.examples, "examples"), stepCount: try count(message.steps, "steps"),
      loss: message.hasLoss ? try finite(message.loss, "the loss") : nil,
      // Three years.
      seconds: try finite(message.seconds, "the time", in: 0...1e8),
      weightedCount: message.hasWeightedExamples
        ? try finite(message.weightedExamples, "the weighted examples") : nil)
  }

  var message: Consilium_V1_Summary {
    .with {
      ($0.examples, $0.steps) = (UInt64(exampleCount), UInt64(stepCount))
      if let loss { $0.loss = loss }
      $0.seconds = seconds
      if let weightedCount { $0.weightedExamples = weightedCount }
    }
  }
}
