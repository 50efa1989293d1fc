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
  /// `nil` before the files have been read.
  private let known = Mutex<ReleasedSets?>(nil)

  init(_ folder: URL) { self.folder = folder }

  func enter(_ set: PatientSet, minimum: Int) throws -> Bool {
    try known.withLock { known in
      var sets = try known ?? read()
      defer { known = sets }
      guard sets.allows(set, minimum: minimum) else { return false }
      if !sets.sets.contains(set) {
        try write(set)
        sets.insert(set)
      }
      return true
    }
  }

  private func write(_ set: PatientSet) throws {
    try DurableFolder.create(folder)
    try AtomicFile.write(
      try JSONEncoder().encode(set), to: folder.appending(path: UUID().uuidString + ".json"))
  }

  private func read() throws -> ReleasedSets {
    let path = folder.path(percentEncoded: false)
    guard FileManager.default.fileExists(atPath: path) else { return ReleasedSets() }
    var sets: Set<PatientSet> = []
    for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    where file.pathExtension == "json" {
      do {
        sets.insert(try JSONDecoder().decode(PatientSet.self, from: try Data(contentsOf: file)))
      } catch {
        // Without this set, a number could leave whose difference from an earlier one reveals a patient.
        throw ConsiliumError(
          .storage, "'\(file.path(percentEncoded: false))' cannot be read; restore it from a backup",
          cause: error)
      }
    }
    return ReleasedSets(sets)
  }
}
