/// The data that a site's policy allows to leave the site.
public struct ReleaseRules: Sendable, Equatable {
  /// The minimum number of patients from whose data a released number must be computed.
  public var minimumPatients: Int
  /// The names of the metrics that may leave; `nil` for any.
  public var metrics: Set<String>?
  /// Whether metrics and losses that were computed on this site's data alone may leave.
  public var ownFigures: Bool
  public var calibration: Bool
  public var confusion: Bool
  public var curves: Bool
  /// Whether bootstrap replicates may leave.
  public var replicates: Bool
  /// Whether the ends of confidence intervals may leave.
  public var intervals: Bool
  /// Whether patients' images may leave in a report's panels.
  public var images: Bool
  /// The kinds of messages that may leave; `nil` for any.
  public var kinds: Set<StageMessage.Kind>?
  /// Whether the frames of split learning may leave: activations and gradients of single patients.
  public var activations: Bool

  public init(
    minimumPatients: Int, metrics: Set<String>?, ownFigures: Bool, calibration: Bool, confusion: Bool,
    curves: Bool, replicates: Bool, intervals: Bool, images: Bool,
    kinds: Set<StageMessage.Kind>? = nil, activations: Bool = false
  ) {
    self.activations = activations
    self.minimumPatients = minimumPatients
    self.metrics = metrics
    self.ownFigures = ownFigures
    self.calibration = calibration
    self.confusion = confusion
    self.curves = curves
    self.replicates = replicates
    self.intervals = intervals
    self.images = images
    self.kinds = kinds
  }

  /// Whether messages of this kind may leave.
  public func allows(kind: StageMessage.Kind) -> Bool { kinds?.contains(kind) ?? true }

  /// Whether a frame of this kind may leave. A frame can be the data of single patients, so the policy must
  /// name its kind or permit activations.
  func allows(frame kind: StageMessage.Kind) -> Bool {
    kinds?.contains(kind) == true || (activations && SplitFrames.kinds.contains(kind))
  }

  /// Whether the metric with this name may leave.
  public func allows(metric name: String) -> Bool { metrics?.contains(name) ?? true }

  /// Releases a number only if it was computed from the data of enough patients. Every number that leaves a
  /// site passes through this function, except statistics, which ``SiteStatistics/released(by:)`` checks cell
  /// by cell.
  ///
  /// - Parameter patients: The patients from whose data the number was computed. If they are unknown (`nil`),
  ///   the number stays at the site.
  public func release<Number>(_ number: Number?, of patients: PatientSet?) -> Number? {
    guard let patients, patients.count >= minimumPatients else { return nil }
    return number
  }
}

/// A value that can leave a site after the gate has removed the parts that may not leave.
public protocol Releasable: Sendable {
  /// The part of this value that may leave.
  func released(by rules: ReleaseRules) -> Self

  /// Returns a copy without any ``PatientSet``. A gate calls this for every value that it releases, because
  /// sets of patients never leave a site, even if the site has no policy.
  func withoutPatients() -> Self

  /// The value without the numbers about sets of patients that are too similar to sets of earlier releases.
  ///
  /// - Parameter isAllowed: Called once for each set of patients about whom the value has numbers, if they
  ///   are at least the minimum.
  func released(about isAllowed: (PatientSet) throws -> Bool) rethrows -> Self

  /// The times and sizes in a value, which leave in a rehearsal.
  func inRehearsal() -> Self
}

extension Releasable {
  public func withoutPatients() -> Self { self }
  public func released(about isAllowed: (PatientSet) throws -> Bool) rethrows -> Self { self }
  public func inRehearsal() -> Self { self }
}
