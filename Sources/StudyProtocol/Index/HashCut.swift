import Crypto
import FederatedCore
import Foundation

/// Assigns groups (patients) to sets by a hash of the study's seed and the group's name.
///
/// Unless a set would be empty, the set of a group depends only on its hash, not on the other groups. New
/// patients therefore do not move existing patients. If the sites share identifiers, a patient treated at two
/// sites is in the same set at each of them. On average, the sets have the study's shares; at a small site,
/// their sizes may differ from these shares.
struct HashCut {
  let test: Double
  let validation: Double
  let seed: UInt64
  /// The site whose name is part of the hash, because its identifiers are valid only there; `nil` if they are
  /// valid everywhere.
  let site: SiteID?

  init(test: Double, validation: Double, seed: UInt64, site: SiteID? = nil) {
    self.test = test
    self.validation = validation
    self.seed = seed
    self.site = site
  }

  /// A group and its position between 0 and 1.
  private struct Placed {
    var name: String
    var position: Double
  }

  /// The set of each group, and the groups that were moved to a set that would have been empty.
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

  /// The position of a group between 0 and 1, computed from a hash of its name. Positions are uniformly
  /// distributed.
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

  /// The sets that must not be empty, starting with the most important set.
  private func wantedParts(groups: Int) -> [DataPart] {
    var wanted: [DataPart] = groups > 0 ? [.training] : []
    if groups > 1, test > 0 { wanted.append(.test) }
    if groups > 2, validation > 0 { wanted.append(.validation) }
    return wanted
  }

  /// The group that should move to `part`: its position is nearest to the range of `part`, and its move
  /// empties no wanted set.
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

  /// The group that should move to the training set: its position is nearest to the range of that set, and
  /// its move does not empty its own set. `nil` if there is no such group.
  func nearestToTraining(among groups: Set<String>, parts: [String: DataPart]) -> String? {
    let counts = parts.values.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    return groups.map { Placed(name: $0, position: position(of: $0)) }
      .filter { group in parts[group.name].map { counts[$0, default: 0] > 1 } ?? false }
      .max { ($0.position, $0.name) < ($1.position, $1.name) }?.name
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
