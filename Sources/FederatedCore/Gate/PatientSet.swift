/// The patients behind a number, as salted hashes that only the site can tie to a person.
///
/// A set is made by the site's engine, read by the site's ``ReleaseGate`` and taken out of everything that
/// the gate releases. It never leaves the site.
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
  /// A sorted list of hashes.
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode([UInt64].self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(members.sorted())
  }
}

/// The patients behind the numbers of an evaluation.
public struct EvaluationPatients: Sendable, Codable, Equatable {
  /// Those behind the counts, the loss and every metric that has no set of its own.
  public var all: PatientSet
  /// By the metric's name, if it is not defined for all patients.
  public var metrics: [String: PatientSet]
  /// As ``SiteEvaluation/calibration``.
  public var calibration: [PatientSet]
  /// As ``EvaluationDetails/classCounts``.
  public var classes: [PatientSet]
  /// As ``EvaluationDetails/trainingClassCounts``.
  public var trainingClasses: [PatientSet]
  /// As ``EvaluationDetails/confusion``.
  public var confusion: [PatientSet]
  /// As ``EvaluationDetails/curves``, bin by bin.
  public var curves: [[CurveBin]]

  /// The patients behind one bin of a curve.
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

/// The patients behind an update and the account of its training.
public struct TrainingPatients: Sendable, Codable, Equatable {
  /// Those with an example in a step of the round.
  public var trained: PatientSet
  /// Those with an example of each class, if the weight of the update counts classes.
  public var classes: [PatientSet]

  public init(trained: PatientSet, classes: [PatientSet] = []) {
    self.trained = trained
    self.classes = classes
  }
}
