extension StageMessage.Kind {
  /// The kind of a message that contains a site's evaluation of a model.
  public static let evaluation = Self("evaluation")
}

extension FactKey<Int> {
  fileprivate static let patients = FactKey("patients")
}

extension FactKey<Double> {
  fileprivate static let loss = FactKey("loss")
}

/// The facts of an evaluation's message. The lists form three tables: metrics, bins of the reliability curve,
/// and comparisons with other models. Each list is one column of a table.
extension FactKey<[String]> {
  fileprivate static let metrics = FactKey("metrics")
  /// The metric of each comparison.
  fileprivate static let comparisonMetrics = FactKey("comparison-metrics")
  /// For each comparison, the digest of the model with which the evaluated model is compared.
  fileprivate static let comparisonModels = FactKey("comparison-models")
}

extension FactKey<[Int]> {
  fileprivate static let metricPatients = FactKey("metric-patients")
  /// The number of bootstrap replicates of each metric.
  fileprivate static let replicateCounts = FactKey("replicate-counts")
  /// For each metric, 1 if it has an interval, otherwise 0.
  fileprivate static let hasInterval = FactKey("metric-has-interval")
  fileprivate static let binExamples = FactKey("calibration-examples")
  fileprivate static let comparisonPatients = FactKey("comparison-patients")
}

extension FactKey<[Double]> {
  fileprivate static let values = FactKey("metric-values")
  /// The replicates of all metrics, one metric after another.
  fileprivate static let replicates = FactKey("replicates")
  /// The lower ends of the intervals, for the metrics that have an interval.
  fileprivate static let intervalLows = FactKey("metric-lows")
  /// The upper ends of the intervals, for the metrics that have an interval.
  fileprivate static let intervalHighs = FactKey("metric-highs")
  fileprivate static let binProbabilities = FactKey("calibration-probabilities")
  fileprivate static let binFrequencies = FactKey("calibration-frequencies")
  fileprivate static let comparisonLows = FactKey("comparison-lows")
  fileprivate static let comparisonHighs = FactKey("comparison-highs")
}

extension SiteEvaluation: MessageContent {
  private static let mostMetrics = 256
  /// The maximum number of replicates per metric, which is the most that a study may request.
  private static let mostReplicates = 100_000
  private static let mostBins = 100
  private static let mostComparisons = 100_000

  public static var schema: MessageSchema {
    let schema = MessageSchema(.evaluation).with(.patients).with(.examples).with(FactKey<Double>.loss)
      .with(.metrics).with(.values).with(.metricPatients).with(.replicateCounts).with(.replicates)
      .with(.hasInterval).with(.intervalLows).with(.intervalHighs)
      .with(.binExamples).with(.binProbabilities).with(.binFrequencies)
      .with(.comparisonMetrics).with(.comparisonModels).with(.comparisonPatients)
      .with(.comparisonLows).with(.comparisonHighs)
    return EvaluationDetails.declare(in: schema)
  }

  /// The evaluation as a message, without the results of single patients, which no message can contain.
  public var message: StageMessage {
    var message = StageMessage(.evaluation)
    message[.patients] = patientCount
    message[.examples] = exampleCount
    message[FactKey<Double>.loss] = loss
    write(metrics, into: &message)
    if !calibration.isEmpty {
      message[.binExamples] = calibration.map(\.exampleCount)
      message[.binProbabilities] = calibration.map(\.meanProbability)
      message[.binFrequencies] = calibration.map(\.observedFrequency)
    }
    if let comparisons, !comparisons.isEmpty {
      message[.comparisonMetrics] = comparisons.map(\.metric)
      message[.comparisonModels] = comparisons.map(\.against)
      message[.comparisonPatients] = comparisons.map(\.patientCount)
      message[.comparisonLows] = comparisons.map(\.interval.low)
      message[.comparisonHighs] = comparisons.map(\.interval.high)
    }
    details?.write(into: &message)
    return message
  }

  private func write(_ metrics: [MetricEstimate], into message: inout StageMessage) {
    guard !metrics.isEmpty else { return }
    message[.metrics] = metrics.map(\.name)
    message[.values] = metrics.map(\.value)
    message[.metricPatients] = metrics.map(\.patientCount)
    let replicates = metrics.flatMap(\.replicates)
    if !replicates.isEmpty {
      message[.replicateCounts] = metrics.map(\.replicates.count)
      message[.replicates] = replicates
    }
    let intervals = metrics.compactMap(\.interval)
    if !intervals.isEmpty {
      message[.hasInterval] = metrics.map { $0.interval == nil ? 0 : 1 }
      message[.intervalLows] = intervals.map(\.low)
      message[.intervalHighs] = intervals.map(\.high)
    }
  }

  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the message is not an evaluation, its lists
  ///   have different lengths, or a number is impossible.
  public init(_ message: StageMessage) throws(ConsiliumError) {
    try Self.schema.check(message)
    self.init(
      patientCount: try message.count(.patients), exampleCount: try message.count(.examples),
      loss: try message.optional(FactKey<Double>.loss), metrics: try Self.metrics(in: message),
      calibration: try Self.calibration(in: message), comparisons: try Self.comparisons(in: message),
      details: try EvaluationDetails(message))
  }

  private static func metrics(in message: StageMessage) throws(ConsiliumError) -> [MetricEstimate] {
    guard message[.metrics] != nil else { return [] }
    let names = try message.list(.metrics, most: mostMetrics)
    let values = try message.numbers(.values, most: mostMetrics)
    let patients = try message.counts(.metricPatients, most: mostMetrics)
    let replicates = try message.column(.replicates, most: mostMetrics * mostReplicates)
    let counts =
      try replicates.isEmpty ? names.map { _ in 0 } : message.counts(.replicateCounts, most: mostMetrics)
    let lows = try message.column(.intervalLows, most: mostMetrics)
    let highs = try message.column(.intervalHighs, most: mostMetrics)
    let flags = try lows.isEmpty ? names.map { _ in 0 } : message.counts(.hasInterval, most: mostMetrics)
    guard [values.count, patients.count, counts.count, flags.count].allSatisfy({ $0 == names.count }),
      counts.allSatisfy({ $0 <= mostReplicates }), counts.reduce(0, +) == replicates.count,
      flags.allSatisfy({ $0 <= 1 }), lows.count == flags.reduce(0, +), highs.count == lows.count
    else { throw message.fault("the columns of its metrics do not match") }
    var (metrics, start, interval): ([MetricEstimate], Int, Int) = ([], 0, 0)
    for index in names.indices {
      guard !names[index].isEmpty, names[index].utf8.count <= 64 else {
        throw message.fault("a metric's name")
      }
      var metric = MetricEstimate(
        name: names[index], value: values[index], patientCount: patients[index],
        replicates: Array(replicates[start..<start + counts[index]]))
      start += counts[index]
      if flags[index] == 1 {
        metric.interval = try MetricInterval(lows[interval], highs[interval], of: names[index], in: message)
        interval += 1
      }
      metrics.append(metric)
    }
    return metrics
  }

  private static func calibration(in message: StageMessage) throws(ConsiliumError) -> [CalibrationBin] {
    guard message[.binExamples] != nil else { return [] }
    // Shares lie between 0 and 1, apart from the rounding of an engine's single precision.
    let shares = -1e-6...1 + 1e-6
    let examples = try message.counts(.binExamples, most: mostBins)
    let probabilities = try message.numbers(.binProbabilities, most: mostBins, in: shares)
    let frequencies = try message.numbers(.binFrequencies, most: mostBins, in: shares)
    guard probabilities.count == examples.count, frequencies.count == examples.count else {
      throw message.fault("the columns of its reliability curve do not match")
    }
    return examples.indices.map {
      CalibrationBin(
        exampleCount: examples[$0], meanProbability: probabilities[$0], observedFrequency: frequencies[$0])
    }
  }

  private static func comparisons(in message: StageMessage) throws(ConsiliumError) -> [PairedComparison]? {
    guard message[.comparisonMetrics] != nil else { return nil }
    let metrics = try message.list(.comparisonMetrics, most: mostComparisons)
    let models = try message.list(.comparisonModels, most: mostComparisons)
    let patients = try message.counts(.comparisonPatients, most: mostComparisons)
    let lows = try message.numbers(.comparisonLows, most: mostComparisons)
    let highs = try message.numbers(.comparisonHighs, most: mostComparisons)
    guard [models.count, patients.count, lows.count, highs.count].allSatisfy({ $0 == metrics.count }) else {
      throw message.fault("the columns of its comparisons do not match")
    }
    var comparisons: [PairedComparison] = []
    for index in metrics.indices {
      guard !metrics[index].isEmpty, metrics[index].utf8.count <= 64, models[index].utf8.count == 64 else {
        throw message.fault("a comparison of models")
      }
      comparisons.append(
        PairedComparison(
          metric: metrics[index], against: models[index], patientCount: patients[index],
          interval: try MetricInterval(lows[index], highs[index], of: metrics[index], in: message)))
    }
    return comparisons
  }
}

extension StageMessage {
  /// Reads a column. An absent column is an empty column.
  fileprivate func column(_ key: FactKey<[Double]>, most: Int) throws(ConsiliumError) -> [Double] {
    self[key] == nil ? [] : try numbers(key, most: most)
  }
}

extension MetricInterval {
  fileprivate init(_ low: Double, _ high: Double, of name: String, in message: StageMessage)
    throws(ConsiliumError)
  {
    guard low <= high else { throw message.fault("an interval of \(name) from \(low) to \(high)") }
    self.init(low: low, high: high)
  }
}
