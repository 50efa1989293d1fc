import FederatedCore
import Foundation
import ParameterFiles
import Synchronization

/// The sets of patients about whom a site has released numbers, in all its studies, on the site's disk.
///
/// Each set is a file of salted hashes, which is never removed. An agent has one history: studies that run
/// side by side share it.
final class FileReleaseHistory: ReleaseHistory {
  private let folder: URL
  /// The sets by the names of their files; `nil` before the files have been read.
  private let known = Mutex<[String: PatientSet]?>(nil)

  init(_ folder: URL) { self.folder = folder }

  func enter(_ set: PatientSet, minimum: Int) throws -> Bool {
    try enter(set, minimum: minimum, ignoring: [])
  }

  /// Enters a set as ``enter(_:minimum:)`` does, but does not compare it with the sets of these names.
  fileprivate func enter(_ set: PatientSet, minimum: Int, ignoring permitted: Set<String>) throws -> Bool {
    try known.withLock { known in
      var sets = try known ?? read()
      defer { known = sets }
      if sets.values.contains(set) { return true }
      let compared = ReleasedSets(Set(sets.lazy.filter { !permitted.contains($0.key) }.map(\.value)))
      guard compared.allows(set, minimum: minimum) else { return false }
      sets[try write(set)] = set
      return true
    }
  }

  /// The history for a study in which the site's staff have permitted numbers about almost the same patients
  /// as in the earlier sets of these names.
  func permitting(_ names: Set<String>) -> any ReleaseHistory {
    names.isEmpty ? self : PermittedHistory(base: self, permitted: names)
  }

  /// The names of the sets.
  func names() throws -> [String] { try read().keys.sorted() }

  /// - Returns: The name of the set's file.
  private func write(_ set: PatientSet) throws -> String {
    let name = UUID().uuidString
    try DurableFolder.create(folder)
    try AtomicFile.write(try JSONEncoder().encode(set), to: folder.appending(path: name + ".json"))
    return name
  }

  private func read() throws -> [String: PatientSet] {
    let path = folder.path(percentEncoded: false)
    guard FileManager.default.fileExists(atPath: path) else { return [:] }
    var sets: [String: PatientSet] = [:]
    for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    where file.pathExtension == "json" {
      do {
        sets[file.deletingPathExtension().lastPathComponent] =
          try JSONDecoder().decode(PatientSet.self, from: try Data(contentsOf: file))
      } catch {
        // Without this set, a number could leave whose difference from an earlier one reveals a patient.
        throw ConsiliumError(
          .storage, "'\(file.path(percentEncoded: false))' cannot be read; restore it from a backup",
          cause: error)
      }
    }
    return sets
  }
}

/// A history in which some earlier sets do not count.
private struct PermittedHistory: ReleaseHistory {
  let base: FileReleaseHistory
  let permitted: Set<String>

  func enter(_ set: PatientSet, minimum: Int) throws -> Bool {
    try base.enter(set, minimum: minimum, ignoring: permitted)
  }
}
