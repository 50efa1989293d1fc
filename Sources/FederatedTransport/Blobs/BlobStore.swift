import FederatedCore
import Foundation
import ParameterFiles
import Synchronization

/// A folder of files named by their digests. Transfers write the files chunk by chunk.
///
/// A partly transferred blob is stored next to the complete ones as `.part`. The transfer resumes after the
/// correct chunks at its beginning, even after a crash. Nothing is synchronised to disk. Files left by an
/// earlier process are checked against their digests before they are used, so a power cut can cost a transfer
/// but never yields a wrong byte.
public final class BlobStore: Sendable {
  public let folder: URL
  /// The complete blobs, recorded when they are created or first looked up. Files are renamed and removed
  /// only under this lock.
  private let known = Mutex<[Data: BlobDescriptor]>([:])
  /// The partial blobs that are being received. They are kept here, so that their existing chunks are not
  /// checked again at each call of a transfer.
  private let parts = Mutex<[Data: BlobPart]>([:])
  /// The most recently written parameters, and their blob.
  private let last = Mutex<(group: NamedParts, blob: BlobDescriptor)?>(nil)
  /// The maximum number of announced files. A site sends few files at once. If a site announces more files,
  /// the oldest ones are removed, so that the site cannot fill the disk.
  static let mostAnnounced = 32
  /// The blobs that a peer has announced, the newest last.
  private let announcements = Mutex<[BlobDescriptor]>([])
  /// The files of removed blobs, kept so that new blobs can overwrite them.
  package let spares: SpareFiles
  private let keepsSpares: Bool

  /// Creates the folder if it does not exist.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  public convenience init(_ folder: URL) throws(ConsiliumError) { try self.init(folder, keepsSpares: true) }

  /// - Parameter keepsSpares: `false` for a store that receives nothing and therefore cannot reuse the files
  ///   of removed blobs.
  init(_ folder: URL, keepsSpares: Bool) throws(ConsiliumError) {
    self.folder = folder
    self.keepsSpares = keepsSpares
    spares = SpareFiles(in: folder)
    try DurableFolder.create(folder)
    removeLeftOvers()
  }

  /// The place of a complete blob.
  public func url(of blob: BlobDescriptor) -> URL { folder.appending(path: blob.name + ".safetensors") }

  func partURL(of blob: BlobDescriptor) -> URL { folder.appending(path: blob.name + ".part") }

  /// Writes parameters as a blob. Writes nothing if the most recently written parameters are the same.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  public func add(_ group: NamedParts) throws(ConsiliumError) -> BlobDescriptor {
    if let last = last.withLock({ $0 }), last.group.isSame(as: group), blob(last.blob.digest) != nil {
      return last.blob
    }
    let temporary = newFile()
    try ParameterFile.share(group, to: temporary, durability: .fast)
    let blob = try adopt(temporary)
    last.withLock { $0 = (group, blob) }
    return blob
  }

  /// Writes a message's tensor as a blob.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  func add(_ tensor: StageTensor) throws(ConsiliumError) -> BlobDescriptor {
    if case .parameters(let parts) = tensor { return try add(parts) }
    let temporary = newFile()
    try VectorFile.write(tensor, to: temporary)
    return try adopt(temporary)
  }

  /// Writes bytes as a blob.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  func add(bytes: Data) throws(ConsiliumError) -> BlobDescriptor {
    let temporary = newFile()
    do { try bytes.write(to: temporary) } catch { throw BlobError.cannot("write", temporary) }
    return try adopt(temporary)
  }

  /// Reads the bytes of a complete blob, and then removes the blob.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  func takeBytes(of blob: BlobDescriptor) throws(ConsiliumError) -> [UInt8] {
    defer { remove(blob) }
    do { return Array(try Data(contentsOf: url(of: blob))) } catch {
      throw BlobError.cannot("read", url(of: blob))
    }
  }

  /// Adds a file as a blob. The blob is a hard link to the file, or a copy if the file is on another file
  /// system.
  public func add(copyOf file: URL) throws(ConsiliumError) -> BlobDescriptor {
    let temporary = newFile()
    if try !SharedFile(file).link(to: temporary.path) {
      do {
        try FileManager.default.copyItem(at: file, to: temporary)
      } catch {
        throw ConsiliumError(.storage, "cannot copy '\(file.path)': \(error)", cause: error)
      }
    }
    return try adopt(temporary)
  }

  private func newFile() -> URL {
    folder.appending(path: ProcessMark.newName(Self.newPrefix) + ".safetensors")
  }

  private static let newPrefix = "new-"

  /// Removes temporary files left behind by a crashed process.
  private func removeLeftOvers() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for name in names where ProcessMark.isOfAnother(name, Self.newPrefix) {
      unlink(folder.appending(path: name).path)
    }
  }

  private func adopt(_ temporary: URL) throws(ConsiliumError) -> BlobDescriptor {
    // Unlink in any case: if both names already refer to the same file, `rename` does nothing and leaves both
    // names.
    defer { unlink(temporary.path) }
    let blob = try BlobFile.describe(temporary)
    let isDone = known.withLock { known in
      guard rename(temporary.path, url(of: blob).path) == 0 else { return false }
      known[blob.digest] = blob
      return true
    }
    guard isDone else { throw BlobError.cannot("write", temporary) }
    return blob
  }

  /// The complete blob with this digest; `nil` if this store has neither created, received nor checked it
  /// since it was opened.
  public func blob(_ digest: Data) -> BlobDescriptor? { known.withLock { $0[digest] } }

  /// The parameters of a complete blob, including a blob from an earlier process; `nil` if it is missing or
  /// damaged.
  public func keptParts(named name: String) -> NamedParts? {
    guard let blob = kept(named: name), let parts = try? ParameterFile.read(from: url(of: blob)) else {
      return nil
    }
    last.withLock { $0 = (parts, blob) }
    return parts
  }

  /// The complete blob with this name, including a blob from an earlier process; `nil` if it is missing or
  /// damaged.
  ///
  /// Reads the whole file.
  public func kept(named name: String) -> BlobDescriptor? {
    guard Self.isName(name) else { return nil }
    let file = folder.appending(path: name + ".safetensors")
    guard let blob = try? BlobFile.describe(file), blob.name == name else { return nil }
    known.withLock { $0[blob.digest] = blob }
    return blob
  }

  /// Records a blob that a peer is about to send.
  func announce(_ blob: BlobDescriptor) {
    let oldest = announcements.withLock { announced -> BlobDescriptor? in
      announced.removeAll { $0 == blob }
      announced.append(blob)
      return announced.count > Self.mostAnnounced ? announced.removeFirst() : nil
    }
    if let oldest { remove(oldest) }
  }

  /// The blob that a peer has announced under this digest.
  func announced(_ digest: Data) -> BlobDescriptor? {
    announcements.withLock { $0.first { $0.digest == digest } }
  }

  func open(_ blob: BlobDescriptor) throws(ConsiliumError) -> BlobFile { try BlobFile(url(of: blob), blob) }

  /// The first missing chunk; the number of chunks if the blob is complete.
  ///
  /// Chunks from an earlier transfer are checked in order. The first wrong chunk and all chunks after it are
  /// transferred again.
  func firstMissing(of blob: BlobDescriptor) throws(ConsiliumError) -> Int {
    if FileManager.default.fileExists(atPath: url(of: blob).path) {
      guard known.withLock({ $0[blob.digest] }) == nil else { return blob.chunkCount }
      // The file is from an earlier process: check its bytes once.
      if (try? BlobFile.describe(url(of: blob)))?.digest == blob.digest {
        known.withLock { $0[blob.digest] = blob }
        return blob.chunkCount
      }
      // Remove the damaged file, unless a transfer has replaced it since.
      known.withLock { if $0[blob.digest] == nil { unlink(url(of: blob).path) } }
    } else {
      // Forget the blob if another program has removed its file.
      known.withLock { if access(url(of: blob).path, F_OK) != 0 { $0[blob.digest] = nil } }
    }
    guard FileManager.default.fileExists(atPath: partURL(of: blob).path) else { return 0 }
    let part = try part(of: blob)
    // All chunks are here, but an earlier process was stopped before it could rename the file. Rename it now.
    if part.isWhole { try finish(part) }
    return part.firstMissing
  }

  private func part(of blob: BlobDescriptor) throws(ConsiliumError) -> BlobPart {
    if let part = parts.withLock({ $0[blob.digest] }), part.isInPlace { return part }
    let url = partURL(of: blob)
    // Hold the lock, so that two transfers of one blob do not open two files for it.
    guard let file = parts.withLock({ _ in GrowingFile(url.path, over: spares) }) else {
      throw BlobError.cannot("write", url)
    }
    let part = BlobPart(url, blob, in: file)
    parts.withLock { $0[blob.digest] = part }
    return part
  }

  /// Opens a blob's partial file to write its missing chunks; `nil` if the blob is complete.
  func receive(_ blob: BlobDescriptor) throws(ConsiliumError) -> BlobPart? {
    guard try firstMissing(of: blob) < blob.chunkCount else { return nil }
    return try part(of: blob)
  }

  /// Turns a partial file that has all its chunks into a complete blob.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  func finish(_ part: BlobPart) throws(ConsiliumError) {
    let (blob, target) = (part.blob, url(of: part.blob))
    let isDone = known.withLock { known in
      // Another transfer of the same blob may have finished first; then nothing is left to do.
      guard known[blob.digest] == nil else {
        unlink(part.url.path)
        return true
      }
      // Rename only if this file is still the one at the path: this transfer has not checked any other file.
      guard part.isComplete(), rename(part.url.path, target.path) == 0 else { return false }
      known[blob.digest] = blob
      return true
    }
    parts.withLock { $0[blob.digest] = nil }
    guard isDone else {
      throw ConsiliumError(
        .storage, "'\(part.url.path)' was removed while it was written; it will be sent again")
    }
  }

  /// Removes a blob. Existing mappings of its file stay valid.
  public func remove(_ blob: BlobDescriptor) {
    parts.withLock { $0[blob.digest] = nil }
    known.withLock { known in
      known[blob.digest] = nil
      discard(url(of: blob).path)
      unlink(partURL(of: blob).path)
    }
  }

  /// Whether a peer's text is a blob's name. Such a text cannot be a path out of the folder.
  static func isName(_ text: String) -> Bool { text.wholeMatch(of: /[0-9a-f]{64}/) != nil }

  /// Whether a store wrote this file; `false` for recycled files. Other files in the folder must not be
  /// removed.
  private static func isOwn(_ file: String) -> Bool {
    isName(String(file.prefix { $0 != "." })) || file.hasPrefix(newPrefix)
  }

  /// Removes the blob whose digest is `name` in hexadecimal.
  func remove(named name: String) {
    if let blob = known.withLock({ $0.values.first { $0.name == name } }) { remove(blob) }
  }

  /// Removes all blobs.
  public func removeAll() {
    removeAll(except: [])
    spares.removeAll()
  }

  /// Removes all blobs except those with these digests, in hexadecimal.
  public func removeAll(except names: Set<String>) {
    known.withLock { known in known = known.filter { names.contains($0.value.name) } }
    parts.withLock { parts in parts = parts.filter { names.contains($0.value.blob.name) } }
    last.withLock { last in if let blob = last?.blob, !names.contains(blob.name) { last = nil } }
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for file in files
    where Self.isOwn(file) && !names.contains(String(file.prefix { $0 != "." })) {
      discard(folder.appending(path: file).path)
    }
  }

  private func discard(_ path: String) {
    if keepsSpares { spares.keep(path) } else { unlink(path) }
  }
}
