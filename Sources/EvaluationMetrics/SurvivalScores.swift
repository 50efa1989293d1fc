/// The predictions of a survival model for each example of a test set.
public struct SurvivalScores: Sendable {
  /// The index of each example's patient.
  public private(set) var patients: [Int] = []
  /// The time to the event or, if it was not observed, to the patient's last contact.
  public private(set) var times: [Double] = []
  /// Whether the event was observed.
  public private(set) var events: [Bool] = []
  /// The predicted risk: higher for an earlier expected event.
  public private(set) var risks: [Double] = []

  public init() {}

  /// - Parameters:
  ///   - time: The time to the event or to the last contact, finite.
  ///   - risk: The predicted risk, finite.
  public mutating func append(patient: Int, time: Double, event: Bool, risk: Double) {
    patients.append(patient)
    times.append(time)
    events.append(event)
    risks.append(risk)
  }

  /// Estimates the concordance if at least two patients can be compared. Leaves out metrics of other tasks.
  public func estimates(_ metrics: [Metric], resamples: PatientResamples) -> [Estimate] {
    metrics.filter { $0 == .concordance }.compactMap {
      var estimate = ConcordanceIndex(self).estimate(
        named: $0.rawValue, patients: patients, resamples: resamples)
      estimate?.caseCount = Set(zip(patients, events).filter(\.1).map(\.0)).count
      return estimate
    }
  }
}
