import Foundation

/// One bin of a reliability curve: the examples for which a model stated a similar probability, and how often
/// the model was right.
public struct ReliabilityBin: Sendable, Equatable {
  public var exampleCount: Int
  /// The mean probability that the model stated for the examples of the bin.
  public var meanProbability: Double
  /// The share of the bin's examples for which the model's statement was true.
  public var observedFrequency: Double

  public init(exampleCount: Int, meanProbability: Double, observedFrequency: Double) {
    self.exampleCount = exampleCount
    self.meanProbability = meanProbability
    self.observedFrequency = observedFrequency
  }
}

/// The statements that a classification model makes about examples, one per example. Each has a probability
/// and is either true or false. The statements are sorted into bins of equal width by probability.
///
/// With two classes, the statement is "this example has the finding", and its probability is that of the
/// second class. With more classes, the statement is "this example is of the predicted class", and its
/// probability is the highest one (Guo et al. 2017).
struct BinnedStatements {
  static let binCount = 10
  var bins: [Int]
  var probabilities: [Double]
  var isTrue: [Bool]

  init(_ scores: ClassificationScores) {
    let statements = scores.labels.indices.map { example -> (probability: Double, isTrue: Bool) in
      let stated = scores.classCount == 2 ? 1 : scores.predictedClass(ofExample: example)
      return (
        Double(scores.probabilities[example * scores.classCount + stated]), scores.labels[example] == stated
      )
    }
    probabilities = statements.map(\.probability)
    isTrue = statements.map(\.isTrue)
    // Bins are open below and closed above, as in Guo's code; 0 belongs to the first bin.
    bins = probabilities.map {
      min(max(Int(($0 * Double(Self.binCount)).rounded(.up)) - 1, 0), Self.binCount - 1)
    }
  }

  /// For each bin, three sums over its examples: the weights, the weighted probabilities, and the weights of
  /// the examples whose statement was true.
  func sums(_ weights: UnsafeBufferPointer<Int32>) -> [(count: Double, stated: Double, observed: Double)] {
    var sums = [(count: Double, stated: Double, observed: Double)](
      repeating: (0, 0, 0), count: Self.binCount)
    for (index, bin) in bins.enumerated() {
      let weight = Double(weights[index])
      sums[bin].count += weight
      sums[bin].stated += weight * probabilities[index]
      if isTrue[index] { sums[bin].observed += weight }
    }
    return sums
  }
}

/// The expected calibration error: the mean difference between stated probability and observed frequency over
/// ten bins, each weighted by its number of examples.
public struct CalibrationError: ResampledMetric {
  private let statements: BinnedStatements

  public init(_ scores: ClassificationScores) { statements = BinnedStatements(scores) }

  public func value(weights: UnsafeBufferPointer<Int32>) -> Double? {
    let sums = statements.sums(weights)
    let total = sums.reduce(0) { $0 + $1.count }
    return total == 0 ? nil : sums.reduce(0) { $0 + abs($1.stated - $1.observed) } / total
  }
}

/// The Brier score. With two classes, it is the mean squared error of the second class's probability. With
/// more classes, it is the mean of the sum of squared errors over the classes (Brier 1950), between 0 and 2.
public struct BrierScore: ResampledMetric {
  private let errors: PatientMean

  public init(_ scores: ClassificationScores) {
    errors = PatientMean(
      values: scores.labels.indices.map { example in
        (scores.classCount == 2 ? 1..<2 : 0..<scores.classCount).reduce(0.0) { sum, index in
          let truth = scores.labels[example] == index ? 1.0 : 0.0
          let error = Double(scores.probabilities[example * scores.classCount + index]) - truth
          return sum + error * error
        }
      })
  }

  public func value(weights: UnsafeBufferPointer<Int32>) -> Double? { errors.value(weights: weights) }
}

extension ClassificationScores {
  /// For each bin of ``reliabilityCurve``, the patients of its examples.
  public var reliabilityPatients: [[Int]] {
    zip(BinnedStatements(self).bins, patients)
      .reduce(into: [[Int]](repeating: [], count: BinnedStatements.binCount)) { $0[$1.0].append($1.1) }
      .filter { !$0.isEmpty }
  }

  /// The reliability curve in ten bins of equal width, without empty bins.
  public var reliabilityCurve: [ReliabilityBin] {
    let sums = [Int32](repeating: 1, count: exampleCount).withUnsafeBufferPointer(BinnedStatements(self).sums)
    return sums.filter { $0.count > 0 }.map {
      ReliabilityBin(
        exampleCount: Int($0.count), meanProbability: $0.stated / $0.count,
        observedFrequency: $0.observed / $0.count)
    }
  }
}
