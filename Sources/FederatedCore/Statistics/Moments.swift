/// The count, mean and sum of squared deviations of a set of numbers. Moments of several sets can be merged.
///
/// Merging follows Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample
/// variances", Stanford University, 1979.
public struct Moments: Sendable, Codable, Equatable {
  public var count: Int
  public var mean: Double
  /// The sum of the squared deviations from the mean.
  public var squares: Double

  public init(count: Int, mean: Double, squares: Double) {
    self.count = count
    self.mean = mean
    self.squares = squares
  }

  /// - Returns: `nil` if there are no numbers.
  public init?(of values: [Double]) {
    guard !values.isEmpty else { return nil }
    count = values.count
    // The second pass removes the rounding error of the first.
    let first = values.reduce(0, +) / Double(values.count)
    mean = first + values.reduce(0) { $0 + ($1 - first) } / Double(values.count)
    let centre = mean
    squares = values.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
  }

  /// The sample variance, with n − 1 in the denominator; `nil` for a single number.
  public var variance: Double? { count > 1 ? squares / Double(count - 1) : nil }

  public var standardDeviation: Double? { variance?.squareRoot() }

  public func merged(with other: Moments) -> Moments {
    let (own, added) = (Double(count), Double(other.count))
    guard own + added > 0 else { return self }
    let difference = other.mean - mean
    return Moments(
      count: count + other.count, mean: mean + difference * added / (own + added),
      squares: squares + other.squares + difference * difference * own * added / (own + added))
  }

  /// The largest share that one number has in the sum of the squared deviations. The result is 1 if all
  /// numbers are equal except for a few at each end: the mean would then reveal the sum of the exceptions.
  ///
  /// - Parameter minimum: "A few" means fewer than this.
  public static func dominance(of values: [Double], minimum: Int) -> Double {
    guard let moments = Moments(of: values), moments.squares > 0 else { return 0 }
    let sorted = values.sorted()
    let few = min(max(1, minimum), sorted.count) - 1
    if minimum > 1,
      sorted[min(few, sorted.count / 2)] == sorted[max(sorted.count - 1 - few, sorted.count / 2)]
    {
      return 1
    }
    return (values.map { ($0 - moments.mean) * ($0 - moments.mean) }.max() ?? 0) / moments.squares
  }

  /// The moments with the given count, and with mean and standard deviation rounded to about half the
  /// standard error of the mean.
  ///
  /// The exact mean of whole numbers is a fraction whose denominator is their count, so it would reveal the
  /// count.
  func rounded(statingCount stated: Int) -> Moments {
    guard let deviation = standardDeviation, deviation > 0, stated > 1 else {
      return Moments(count: stated, mean: mean, squares: 0)
    }
    let step = StatisticsRange.step(deviation / (2 * Double(count).squareRoot()))
    let rounded = (deviation / step).rounded() * step
    return Moments(
      count: stated, mean: (mean / step).rounded() * step, squares: rounded * rounded * Double(stated - 1))
  }
}
