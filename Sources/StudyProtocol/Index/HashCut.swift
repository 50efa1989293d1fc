import Crypto
import FederatedCore
import Foundation

/// Cuts groups (patients) into parts by a hash of the study's seed and the group's name.
///
/// Only the hash decides, neither the site nor the other groups: a patient of two sites is in the same part
/// at both, and a new patient moves nobody. The shares are met in expectation; a small site may have more or
/// fewer.
struct HashCut {
  let test: Double
  let validation: Double
  let seed: UInt64
  /// Enters the hash if the names are this site's own.
  let site: SiteID?

  init(test: Double, validation: Double, seed: UInt64, site: SiteID? = nil) {
    self.test = test
    self.validation = validation
    self.seed = seed
    self.site = site
  }

  /// A group and its place between 0 and 1.
  private struct Placed {
    var name: String
    var position: Double
  }

  /// The part of each group, and the groups that were moved to a part that would have been empty.
  func parts(of groups: Set<String>) -> (parts: [String: DataPart], moved: [(DataPart, String)]) {
    let placed = groups.map { Placed(name: $0, position: position(of: $0)) }
      .sorted { ($0.position, $0.name) < ($1.position, $1.name) }
    var parts: [String: DataPart] = [:]
    for group in placed { parts[group.name] = part(at: group.position) }
    var moved: [(DataPart, String)] = []
    let wanted = wantedParts(groups: groups.count)
    for part in wanted where !parts.values.contains(part) {
      guard let nearest = nearest(to: part, among: placed, parts: parts, wanted: wanted) else { continue }
      parts[nearest.name] = part
      moved.append((part, nearest.name))
    }
    return (parts, moved)
  }

  /// Where a group lies between 0 and 1, evenly distributed over all names.
  func position(of group: String) -> Double {
    let salt = RandomStream.seed(study: seed, purpose: .split, site: site)
    return Double(Self.hash(group, salt: salt)) / 0x1p64
  }

  static func hash(_ name: String, salt: UInt64) -> UInt64 {
    SHA256.hash(data: Data("\(salt)|\(name)".utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  private func part(at position: Double) -> DataPart {
    position < test ? .test : position < test + validation ? .validation : .training
  }

  /// The parts that must not be empty, the most needed first.
  private func wantedParts(groups: Int) -> [DataPart] {
    var wanted: [DataPart] = groups > 0 ? [.training] : []
    if groups > 1, test > 0 { wanted.append(.test) }
    if groups > 2, validation > 0 { wanted.append(.validation) }
    return wanted
  }

  /// The group nearest to a part that can leave its own without emptying it.
  private func nearest(
    to part: DataPart, among placed: [Placed], parts: [String: DataPart], wanted: [DataPart]
  ) -> Placed? {
    let counts = parts.values.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    let candidates = placed.filter { group in
      guard let own = parts[group.name] else { return false }
      return !wanted.contains(own) || counts[own, default: 0] > 1
    }
    return candidates.min { distance(of: $0.position, to: part) < distance(of: $1.position, to: part) }
  }

  private func distance(of position: Double, to part: DataPart) -> Double {
    let bounds: (Double, Double) =
      switch part {
      case .test: (0, test)
      case .validation: (test, test + validation)
      case .training: (test + validation, 1)
      }
    return max(bounds.0 - position, position - bounds.1, 0)
  }
}
