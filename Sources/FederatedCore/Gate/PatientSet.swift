/// The patients from whose data a number was computed, as salted hashes that only the site can relate to a
/// person.
///
/// The site's engine creates a set and the site's ``ReleaseGate`` reads it. The gate removes the set from
/// everything that it releases, so no set ever leaves the site.
public struct PatientSet: Sendable, Hashable {
  public private(set) var members: Set<UInt64>

  public init(_ members: some Sequence<UInt64> = []) { self.members = Set(members) }

  public var count: Int { members.count }

  public mutating func formUnion(_ other: PatientSet) { members.formUnion(other.members) }

  public func union(_ other: PatientSet) -> PatientSet { PatientSet(members.union(other.members)) }

  public func intersection(_ other: PatientSet) -> PatientSet {
    PatientSet(members.intersection(other.members))
  }
}

extension PatientSet: Codable {
  /// Decodes a set from a list of hashes.
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode([UInt64].self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(members.sorted())
  }
}

/// For each number of an evaluation, the patients from whose data it was computed.
public struct EvaluationPatients: Sendable, Codable, Equatable {
  /// The patients from whose data the counts, the loss and every metric that is not in `metrics` were
  /// computed.
  public var all: PatientSet
  /// Sets by metric name, for metrics that are not defined for all patients.
  public var metrics: [String: PatientSet]
  /// One set for each element of ``SiteEvaluation/calibration``.
  public var calibration: [PatientSet]
  /// One set for each element of ``EvaluationDetails/classCounts``.
  public var classes: [PatientSet]
  /// One set for each element of ``EvaluationDetails/trainingClassCounts``.
  public var trainingClasses: [PatientSet]
  /// One set for each element of ``EvaluationDetails/confusion``.
  public var confusion: [PatientSet]
  /// One element for each bin of each curve in ``EvaluationDetails/curves``.
  public var curves: [[CurveBin]]

  /// The patients counted in one bin of a curve.
  public struct CurveBin: Sendable, Codable, Equatable {
    public var positives: PatientSet
    public var negatives: PatientSet

    public init(positives: PatientSet, negatives: PatientSet) {
      self.positives = positives
      self.negatives = negatives
    }
  }

  public init(
    all: PatientSet, metrics: [String: PatientSet] = [:], calibration: [PatientSet] = [],
    classes: [PatientSet] = [], trainingClasses: [PatientSet] = [], confusion: [PatientSet] = [],
    curves: [[CurveBin]] = []
  ) {
    self.all = all
    self.metrics = metrics
    self.calibration = calibration
    self.classes = classes
    self.trainingClasses = trainingClasses
    self.confusion = confusion
    self.curves = curves
  }

  public subscript(metric name: String) -> PatientSet { metrics[name] ?? all }
}

/// The patients from whose data an update and its training summary were computed.
public struct TrainingPatients: Sendable, Codable, Equatable {
  /// The patients with an example in a step of the round.
  public var trained: PatientSet
  /// For each class, the patients with an example of it; empty if the update's weight does not depend on the
  /// classes.
  public var classes: [PatientSet]
  /// All training patients, of whom a round of few steps sees only some; `nil` if the engine does not state
  /// them.
  public var all: PatientSet?

  public init(trained: PatientSet, classes: [PatientSet] = [], all: PatientSet? = nil) {
    self.trained = trained
    self.classes = classes
    self.all = all
  }

  /// The set that is compared with those of earlier releases.
  public var whole: PatientSet { all ?? trained }
}
