import Credentials
import FederatedCore
import Foundation
import ParameterFiles

extension FileSiteJournal {
  /// The number of bytes of a stored digest: 64 hexadecimal digits and the end of the line.
  private static let digestSize = 65

  /// Stores the digest of the coordinator's reply to a frame, as one line in the file of the question, and
  /// synchronises the file to disk.
  ///
  /// - Returns: `false` if the frame had a different reply before.
  func pin(_ reply: StageMessage, to frame: Int, of assignment: Assignment) throws -> Bool {
    let id = assignment.id
    let file = folder.appending(
      path: "replies-\(id.round)-\(id.stage.map(String.init) ?? "x")-\(id.question)")
    let digest = Data("\(Fingerprint.of(reply.exactBytes))\n".utf8)
    do {
      let isNew = !FileManager.default.fileExists(atPath: file.path)
      let descriptor = open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
      let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      if isNew { try AtomicFile.synchronise(folderOf: file) }
      // A digest that a crash left incomplete belongs to a reply that the site never used.
      let count = Int(try handle.seekToEnd()) / Self.digestSize
      try handle.seek(toOffset: UInt64(frame * Self.digestSize))
      if frame < count { return try handle.read(upToCount: Self.digestSize) == digest }
      guard frame == count else {
        throw ConsiliumError(
          .storage, "'\(file.path)' lacks replies before frame \(frame); restore it from a backup")
      }
      try handle.write(contentsOf: digest)
      try handle.synchronize()
      return true
    } catch let error as ConsiliumError {
      throw error
    } catch {
      throw ConsiliumError(
        .storage, "cannot write '\(file.path)': \(error.localizedDescription)", cause: error)
    }
  }
}
