/// A metric's value on one set of patients with its bootstrap replicates.
public struct Estimate: Sendable, Equatable {
  /// The metric's name; for a metric of one class, followed by `.` and the class.
  public var name: String
  /// The value of the metric on the whole set, always finite.
  public var value: Double
  /// The number of patients from whom the value was computed.
  public var patientCount: Int
  /// One value per resample. If the metric is undefined on a resample, the value of the whole set takes its
  /// place.
  public var replicates: [Double]
  /// For an AUC, the number of patients with an example of the rarest class. For a C-index, the number of
  /// patients with the event. `nil` for other metrics. The estimate is unreliable if this number is small.
  public var caseCount: Int?

  public init(
    name: String, value: Double, patientCount: Int, replicates: [Double], caseCount: Int? = nil
  ) {
    self.name = name
    self.value = value
    self.patientCount = patientCount
    self.replicates = replicates
    self.caseCount = caseCount
  }
}

/// A metric prepared for one set of examples, which can be computed again for any resample of them.
///
/// The preparation sorts or counts the examples, so that each resample needs only one pass over them.
public protocol ResampledMetric {
  /// The value with example `i` counted `weights[i]` times; `nil` if the metric is not defined.
  func value(weights: UnsafeBufferPointer<Int32>) -> Double?
}

extension ResampledMetric {
  /// The value with every example counted once; `nil` if the metric is not defined.
  public func value(exampleCount: Int) -> Double? {
    [Int32](repeating: 1, count: exampleCount).withUnsafeBufferPointer(value(weights:))
  }

  /// The value and its replicates; `nil` if the metric is not defined on the whole set.
  ///
  /// - Parameters:
  ///   - patients: the index of each example's patient, below the number of patients of `resamples`.
  ///   - patientCount: the number of patients from whom the value is computed; by default all patients of
  ///     `resamples`.
  public func estimate(
    named name: String, patients: [Int], resamples: PatientResamples, patientCount: Int? = nil
  ) -> Estimate? {
    guard let whole = value(exampleCount: patients.count) else { return nil }
    var weights = [Int32](repeating: 0, count: patients.count)
    let replicates = resamples.map { multiplicities in
      for (example, patient) in patients.enumerated() { weights[example] = multiplicities[patient] }
      return weights.withUnsafeBufferPointer(value(weights:)) ?? whole
    }
    return Estimate(
      name: name, value: whole, patientCount: patientCount ?? resamples.patientCount, replicates: replicates)
  }
}
