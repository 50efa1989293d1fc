import Credentials
import Crypto
import FederatedCore
import Foundation
import ParameterFiles
import Synchronization

/// The sealed blobs of an anchor: files named by their SHA-256, in a folder per sender.
///
/// A blob appears under its name once it is whole and its digest is right. Until then it is a `.part`, to
/// which a later call of the same sender can add.
public final class RelayStore: Sendable {
  /// The limits on what one sender may keep.
  public struct Limits: Sendable {
    /// The maximum size of one blob in bytes.
    public var largestBlob = 16 << 30
    /// The maximum size of all blobs of one sender in bytes.
    public var bytesPerParty = 256 << 30
    /// The maximum number of files of one sender, partial ones included.
    public var filesPerParty = 4096

    public init() {}
  }

  private let folder: URL
  private let limits: Limits
  /// Files are renamed and removed only under this lock.
  private let lock = Mutex(())

  /// Creates the folder if it does not exist.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  public init(_ folder: URL, limits: Limits = Limits()) throws(ConsiliumError) {
    self.folder = folder
    self.limits = limits
    try DurableFolder.create(folder)
  }

  /// The folder of a sender. People's names may contain anything, so the folder's name is a digest.
  private func folder(of party: Party) -> URL {
    let digest = Data(SHA256.hash(data: Data(party.description.utf8))).hexadecimal
    return folder.appending(path: String(digest.prefix(32)))
  }

  private func url(of digest: Data, from party: Party) -> URL {
    folder(of: party).appending(path: digest.hexadecimal)
  }

  private func partURL(of digest: Data, from party: Party) -> URL {
    folder(of: party).appending(path: digest.hexadecimal + ".part")
  }

  // MARK: Receiving

  /// Announces a blob.
  ///
  /// - Returns: how many of its bytes are there; its size if it is whole.
  /// - Throws: ``ConsiliumError``: `.invalidInput` if the blob exceeds a limit, `.storage`.
  func begin(_ blob: RelayBlob, from party: Party) throws(ConsiliumError) -> Int {
    if size(url(of: blob.digest, from: party)) == blob.size { return blob.size }
    guard blob.size <= limits.largestBlob else {
      throw ConsiliumError(
        .invalidInput,
        "a blob of \(blob.size) bytes is too large for this anchor; it takes at most \(limits.largestBlob)")
    }
    let part = partURL(of: blob.digest, from: party)
    let there = size(part) ?? 0
    let (files, bytes) = use(by: party)
    guard files < limits.filesPerParty, blob.size <= limits.bytesPerParty - bytes + there else {
      throw ConsiliumError(
        .invalidInput,
        "\(party) keeps \(files) blobs with \(bytes) bytes at this anchor, which permits \(limits.filesPerParty) with "
          + "\(limits.bytesPerParty) bytes; remove blobs that nobody needs")
    }
    return min(there, blob.size)
  }

  /// Receives bytes of a blob from an offset on.
  func receive(_ blob: RelayBlob, at offset: UInt64, from party: Party) throws(ConsiliumError) -> RelayPart {
    _ = try begin(blob, from: party)
    try DurableFolder.create(folder(of: party))
    return try hidingPath { () throws(ConsiliumError) in
      try RelayPart(partURL(of: blob.digest, from: party), blob, at: offset)
    }
  }

  /// Gives a blob its name, if its digest is right; otherwise removes it.
  ///
  /// - Throws: ``ConsiliumError``: `.invalidUpdate` if its digest is wrong, `.storage`.
  func finish(_ part: RelayPart) throws(ConsiliumError) {
    try hidingPath { () throws(ConsiliumError) in
      guard part.synchronise() else { throw BlobError.cannot("write", part.url) }
      let isRight = try RelayFile(part.url).digest() == part.blob.digest
      let target = part.url.deletingPathExtension()
      let isNamed = lock.withLock { _ in
        guard isRight else { return unlink(part.url.path) == 0 }
        return rename(part.url.path, target.path) == 0
      }
      guard isRight else {
        throw ConsiliumError(
          .invalidUpdate, "the bytes of a blob are not those of its name \(part.blob.name.prefix(12))")
      }
      guard isNamed else { throw BlobError.cannot("write", target) }
      try DurableFolder.synchronise(target.deletingLastPathComponent())
    }
  }

  // MARK: Reading and removing

  /// Opens a blob, whoever sent it. Returns `nil` if it is not here.
  func open(_ digest: Data) -> RelayFile? {
    let name = digest.hexadecimal
    for sender in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] {
      if let file = try? RelayFile(folder.appending(path: sender).appending(path: name)) { return file }
    }
    return nil
  }

  /// Removes a blob of a sender, also a partial one.
  func remove(_ digest: Data, from party: Party) throws(ConsiliumError) {
    for file in [url(of: digest, from: party), partURL(of: digest, from: party)] {
      let isGone = lock.withLock { _ in unlink(file.path) == 0 || errno == ENOENT }
      guard isGone else { throw ConsiliumError(.storage, "the anchor could not remove a blob") }
    }
  }

  // MARK: Files

  private func size(_ url: URL) -> Int? {
    var status = stat()
    return lstat(url.path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
  }

  private func use(by party: Party) -> (files: Int, bytes: Int) {
    let folder = folder(of: party)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return (names.count, names.reduce(0) { $0 + (size(folder.appending(path: $1)) ?? 0) })
  }

  /// Does not reveal the local path to the sender.
  private func hidingPath<Result>(_ body: () throws(ConsiliumError) -> Result) throws(ConsiliumError)
    -> Result
  {
    do throws(ConsiliumError) { return try body() } catch {
      guard error.code == .storage else { throw error }
      throw ConsiliumError(
        .storage, "the anchor could not write a blob: its disk is full or cannot be used", cause: error)
    }
  }
}
