/// The scores of a segmentation model on each patient of a test set; one volume per patient.
public struct SegmentationScores: Sendable {
  public struct Patient: Sendable, Equatable {
    /// The Dice coefficient of each foreground class; `nil` for a class that is not scored because both masks
    /// lack it.
    public var dice: [Double?]
    /// The 95 % Hausdorff distance of each foreground class in millimetres; `nil` if it was not measured, or
    /// if one of the masks lacks the class.
    public var hausdorff95: [Double?]

    public init(dice: [Double?], hausdorff95: [Double?]) {
      self.dice = dice
      self.hausdorff95 = hausdorff95
    }
  }

  /// The names of the foreground classes.
  public var classNames: [String]
  public var patients: [Patient]

  public init(classNames: [String], patients: [Patient] = []) {
    self.classNames = classNames
    self.patients = patients
  }

  /// The mean of each metric over the foreground classes. If there are several foreground classes, also the
  /// metric of each single class, named as in `dice.<class>`.
  ///
  /// A patient's mean distance covers only the classes for which the distance is defined. Metrics of other
  /// tasks, and metrics that are undefined for every patient, are left out. The `patientCount` of an estimate
  /// is the number of patients for whom the metric is defined.
  public func estimates(_ metrics: [Metric], resamples: PatientResamples) -> [Estimate] {
    metrics.flatMap { metric -> [Estimate] in
      guard metric.task == .segmentation else { return [] }
      let values = patients.map { metric == .dice ? $0.dice : $0.hausdorff95 }
      let mean = estimate(metric.rawValue, of: values.map(Self.mean), resamples)
      let single =
        classNames.count < 2
        ? []
        : classNames.indices.map { index in
          estimate("\(metric.rawValue).\(classNames[index])", of: values.map { $0[index] }, resamples)
        }
      return ([mean] + single).compactMap(\.self)
    }
  }

  /// The patients for whom a metric of ``estimates(_:resamples:)`` is defined, as indices into ``patients``.
  public func patients(defining name: String) -> [Int] {
    let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
    let values = patients.map { parts.first == Metric.dice.rawValue ? $0.dice : $0.hausdorff95 }
    let index = parts.count > 1 ? classNames.firstIndex(of: parts[1]) : nil
    return values.indices.filter { place in
      index.map { values[place][$0] != nil } ?? (Self.mean(values[place]) != nil)
    }
  }

  private func estimate(_ name: String, of values: [Double?], _ resamples: PatientResamples) -> Estimate? {
    let defined = values.count(where: { $0 != nil })
    return PatientMean(values: values).estimate(
      named: name, patients: Array(values.indices), resamples: resamples, patientCount: defined)
  }

  private static func mean(_ values: [Double?]) -> Double? {
    let defined = values.compactMap(\.self)
    return defined.isEmpty ? nil : defined.reduce(0, +) / Double(defined.count)
  }
}
