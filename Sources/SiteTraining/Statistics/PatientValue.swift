import StudyProtocol

/// The value of a record, or of all records of a patient, in one item of statistics.
enum PatientValue: Sendable, Equatable {
  case missing
  case number(Double)
  case label(Int)
  /// The 1st and the 99th percentile of an image's intensities.
  case limits(low: Double, high: Double)
  /// The share of an image's voxels in each bin of intensities.
  case profile([Float])

  /// Combines the values of a patient's records: numbers and shares into their mean, labels into the most
  /// frequent one. If several labels are equally frequent, the first is used.
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

  /// The class of the patient in an item. If the item is the presence of a class in masks, 1 means that one
  /// of the patient's masks has this class, and 0 that none has it.
  func label(of item: StatisticsItem) -> Int? {
    if case .presence = item.source { number.map { $0 > 0 ? 1 : 0 } } else { label }
  }

  var profile: [Float]? { if case .profile(let profile) = self { profile } else { nil } }

  /// The lowest and the highest number in the value; `nil` if the value is neither a number nor a pair of
  /// limits.
  var limits: (low: Double, high: Double)? {
    switch self {
    case .number(let number): (number, number)
    case .limits(let low, let high): (low, high)
    default: nil
    }
  }
}
