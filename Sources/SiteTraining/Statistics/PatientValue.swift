import StudyProtocol

/// The value of a record, or of all records of a patient, in one item of statistics.
enum PatientValue: Sendable, Equatable {
  case missing
  case number(Double)
  case label(Int)
  /// The 1st and the 99th percentile of an image's intensities.
  case limits(low: Double, high: Double)
  /// The share of the voxels in each bin of intensities.
  case profile([Float])

  /// The value of a patient: the mean of numbers and shares, or the most frequent label. Of equally frequent
  /// labels, the first is used.
  init(combining values: [PatientValue]) {
    let found = values.filter { $0 != .missing }
    guard let first = found.first else {
      self = .missing
      return
    }
    let count = Double(found.count)
    switch first {
    case .missing: self = .missing
    case .number: self = .number(found.reduce(0) { $0 + ($1.number ?? 0) } / count)
    case .label:
      let labels = found.compactMap(\.label)
      let best = Set(labels).min { one, other in
        let counts = [one, other].map { label in labels.count { $0 == label } }
        return (counts[1], one) < (counts[0], other)
      }
      self = .label(best ?? 0)
    case .limits:
      let limits = found.compactMap(\.limits)
      self = .limits(
        low: limits.reduce(0) { $0 + $1.low } / count, high: limits.reduce(0) { $0 + $1.high } / count)
    case .profile(let one):
      var sum = [Float](repeating: 0, count: one.count)
      for profile in found.compactMap(\.profile) {
        for bin in sum.indices { sum[bin] += profile[bin] / Float(count) }
      }
      self = .profile(sum)
    }
  }

  var number: Double? { if case .number(let number) = self { number } else { nil } }
  var label: Int? { if case .label(let label) = self { label } else { nil } }

  /// The class of the patient; a class is present if it is in any of the patient's masks.
  func label(of item: StatisticsItem) -> Int? {
    if case .presence = item.source { number.map { $0 > 0 ? 1 : 0 } } else { label }
  }

  var profile: [Float]? { if case .profile(let profile) = self { profile } else { nil } }

  /// The lowest and the highest number in the value.
  var limits: (low: Double, high: Double)? {
    switch self {
    case .number(let number): (number, number)
    case .limits(let low, let high): (low, high)
    default: nil
    }
  }
}
