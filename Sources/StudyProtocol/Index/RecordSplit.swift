import Crypto
import FederatedCore
import Foundation

/// Divides a site's groups (patients) into training, validation and test; nobody is in two parts.
struct RecordSplit {
  let split: Study.Split
  let seed: UInt64

  init(_ split: Study.Split, seed: UInt64) { (self.split, self.seed) = (split, seed) }

  /// The part of each group.
  func parts(of records: [Record], study: Study, log: inout FindingLog) -> [String: DataPart] {
    switch split.method {
    case .fractions(let test, let validation):
      Self.parts(of: Set(records.map(\.group)), test: test, validation: validation, seed: seed)
    case .assigned(let name, let test, let validation):
      assigned(
        records, codes: study.element(named: name)?.values.map(\.code) ?? [], name, test, validation, &log)
    }
  }

  /// Ranks the groups by a hash of seed and name and cuts the ranking, so that one more patient moves hardly anybody else.
  ///
  /// The site is not hashed: a patient of two sites lands, as a rule, in the same part of both.
  static func parts(of groups: Set<String>, test: Double, validation: Double, seed: UInt64) -> [String:
    DataPart]
  {
    let salt = RandomStream.seed(study: seed, purpose: .split)
    let ranked = groups.map { (rank: rank($0, salt: salt), name: $0) }.sorted {
      ($0.rank, $0.name) < ($1.rank, $1.name)
    }
    let (testCount, validationCount) = counts(ranked.count, test: test, validation: validation)
    var parts: [String: DataPart] = [:]
    for (index, group) in ranked.enumerated() {
      parts[group.name] =
        index < testCount ? .test : index < testCount + validationCount ? .validation : .training
    }
    return parts
  }

  /// At least one group for each part that the study asks for, where there are enough groups; training comes first.
  private static func counts(_ groups: Int, test: Double, validation: Double) -> (test: Int, validation: Int)
  {
    var testCount = groups < 2 ? 0 : max(1, Int((Double(groups) * test).rounded()))
    var validationCount =
      groups < 3 || validation == 0 ? 0 : max(1, Int((Double(groups) * validation).rounded()))
    while groups > 0, testCount + validationCount >= groups {
      if testCount >= validationCount { testCount -= 1 } else { validationCount -= 1 }
    }
    return (testCount, validationCount)
  }

  static func rank(_ name: String, salt: UInt64) -> UInt64 {
    SHA256.hash(data: Data("\(salt)|\(name)".utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  private func assigned(
    _ records: [Record], codes: [String], _ element: String, _ test: [String], _ validation: [String],
    _ log: inout FindingLog
  ) -> [String: DataPart] {
    var parts: [String: DataPart] = [:]
    for record in records {
      guard case .category(let index) = record[element], codes.indices.contains(index) else { continue }
      let part: DataPart =
        test.contains(codes[index]) ? .test : validation.contains(codes[index]) ? .validation : .training
      if let other = parts[record.group], other != part {
        log.add(
          .error, .part, element: element,
          message: "one '\(split.by ?? "record")' is in two parts of the split",
          places: [record.place])
      }
      parts[record.group] = parts[record.group] ?? part
    }
    return parts
  }
}
