extension FactKey<[Int]> {
  fileprivate static let classCounts = FactKey("class-counts")
  fileprivate static let trainingClassCounts = FactKey("training-class-counts")
  /// The counts by true class (row) and predicted class (column), row by row.
  fileprivate static let confusion = FactKey("confusion")
  /// The class of each ROC curve.
  fileprivate static let curveClasses = FactKey("curve-classes")
  /// The number of bins of each ROC curve.
  fileprivate static let curveBins = FactKey("curve-bins")
  /// The number of members in each bin of all ROC curves, one curve after another.
  fileprivate static let binPositives = FactKey("curve-positives")
  /// The number of non-members in each bin of all ROC curves, one curve after another.
  fileprivate static let binNegatives = FactKey("curve-negatives")
}

extension FactKey<[Double]> {
  fileprivate static let binLows = FactKey("curve-lows")
}

extension EvaluationDetails {
  private static let mostClasses = 1000
  private static let mostCells = 10_000
  /// The maximum number of bins of one ROC curve.
  private static let mostBins = 100

  static func declare(in schema: MessageSchema) -> MessageSchema {
    schema.with(.classCounts).with(.trainingClassCounts).with(.confusion).with(.curveClasses)
      .with(.curveBins).with(.binPositives).with(.binNegatives).with(.binLows)
  }

  /// Writes everything except the results of single patients, which no message can contain.
  func write(into message: inout StageMessage) {
    message[.classCounts] = classCounts
    message[.trainingClassCounts] = trainingClassCounts
    message[.confusion] = confusion
    let bins = curves.flatMap(\.bins)
    message[.curveClasses] = curves.map(\.classIndex)
    message[.curveBins] = curves.map(\.bins.count)
    message[.binLows] = bins.map(\.low)
    message[.binPositives] = bins.map(\.positives)
    message[.binNegatives] = bins.map(\.negatives)
  }

  /// - Returns: `nil` if the message has no details.
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if a number is impossible or the lists of the
  ///   curves have different lengths.
  init?(_ message: StageMessage) throws(ConsiliumError) {
    guard message[.classCounts] != nil else { return nil }
    self.init(
      classCounts: try message.counts(.classCounts, most: Self.mostClasses),
      trainingClassCounts: try message.counts(.trainingClassCounts, most: Self.mostClasses),
      confusion: try message.counts(.confusion, most: Self.mostCells), curves: try Self.curves(in: message))
  }

  private static func curves(in message: StageMessage) throws(ConsiliumError) -> [ScoreCurve] {
    let most = mostClasses * mostBins
    let classes = try message.counts(.curveClasses, most: mostClasses)
    let counts = try message.counts(.curveBins, most: mostClasses)
    let lows = try message.numbers(.binLows, most: most, in: -1e-6...1 + 1e-6)
    let positives = try message.counts(.binPositives, most: most)
    let negatives = try message.counts(.binNegatives, most: most)
    guard counts.count == classes.count, counts.allSatisfy({ $0 <= mostBins }),
      [lows.count, positives.count, negatives.count].allSatisfy({ $0 == counts.reduce(0, +) })
    else { throw message.fault("the columns of its ROC curves do not match") }
    var start = 0
    return zip(classes, counts).map { classIndex, count in
      defer { start += count }
      return ScoreCurve(
        classIndex: classIndex,
        bins: (start..<start + count).map {
          ScoreCurve.Bin(low: lows[$0], positives: positives[$0], negatives: negatives[$0])
        })
    }
  }
}
