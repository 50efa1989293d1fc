/// The mean of one value per patient, over the patients for whom the value is defined.
public struct PatientMean: ResampledMetric {
  private let values: [Double?]

  public init(values: [Double?]) { self.values = values }

  public func value(weights: UnsafeBufferPointer<Int32>) -> Double? {
    var (sum, count) = (0.0, 0)
    for (value, weight) in zip(values, weights) {
      guard let value else { continue }
      sum += Double(weight) * value
      count += Int(weight)
    }
    return count > 0 ? sum / Double(count) : nil
  }
}
