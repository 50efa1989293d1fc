import FederatedCore
import Foundation
import ParameterFiles
import Synchronization

/// A folder of files named by their digests, to which transfers add chunk by chunk.
///
/// A blob that is on its way lies beside the finished ones as `.part`; the chunks at its beginning that are right say
/// from where to go on, also after a crash. Nothing is synchronised to disk: what an earlier process left is checked by its
/// digests before it counts, so a power cut costs a transfer and never a wrong byte.
public final class BlobStore: Sendable {
  public let folder: URL
  /// The blobs that are complete; filled as they are made or asked for. Files get and lose their names under its lock.
  private let known = Mutex<[Data: BlobDescriptor]>([:])
  /// The blobs that come in, so that the chunks of one that comes in several calls are looked at once.
  private let parts = Mutex<[Data: BlobPart]>([:])
  /// What was written last.
  private let last = Mutex<(group: NamedParts, blob: BlobDescriptor)?>(nil)
  /// A site sends few files at once; of one that announces more, the oldest are removed, so that it cannot fill the disk.
  static let mostAnnounced = 32
  /// The blobs that a peer is sending, the last announced at the end.
  private let announcements = Mutex<[BlobDescriptor]>([])
  /// The files of blobs that were removed; new ones are written over them.
  package let spares: SpareFiles
  private let keepsSpares: Bool

  /// Makes the folder where it is not there.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  public convenience init(_ folder: URL) throws(ConsiliumError) { try self.init(folder, keepsSpares: true) }

  /// - Parameter keepsSpares: false for a store that receives nothing, and so has nothing to write over the files of blobs that are removed.
  init(_ folder: URL, keepsSpares: Bool) throws(ConsiliumError) {
    (self.folder, self.keepsSpares) = (folder, keepsSpares)
    spares = SpareFiles(in: folder)
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw ConsiliumError(.storage, "cannot use the folder '\(folder.path)': \(error)", cause: error)
    }
    removeLeftOvers()
  }

  /// Where a complete blob lies.
  public func url(of blob: BlobDescriptor) -> URL { folder.appending(path: blob.name + ".safetensors") }

  func partURL(of blob: BlobDescriptor) -> URL { folder.appending(path: blob.name + ".part") }

  /// Writes parameters as a blob; those that were written last are not written again.
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

  /// Writes a tensor of a message as a blob.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  func add(_ tensor: StageTensor) throws(ConsiliumError) -> BlobDescriptor {
    if case .parameters(let parts) = tensor { return try add(parts) }
    let temporary = newFile()
    try VectorFile.write(tensor, to: temporary)
    return try adopt(temporary)
  }

  /// Takes a file into the store by a second name, without copying it where both lie on one file system.
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

  /// What a crash left of an earlier process.
  private func removeLeftOvers() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for name in names where ProcessMark.isOfAnother(name, Self.newPrefix) {
      unlink(folder.appending(path: name).path)
    }
  }

  private func adopt(_ temporary: URL) throws(ConsiliumError) -> BlobDescriptor {
    // Where both names are of one file already, a rename does nothing and leaves both.
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

  /// The complete blob with this digest; nil where this store did not make or receive it since it was opened.
  public func blob(_ digest: Data) -> BlobDescriptor? { known.withLock { $0[digest] } }

  /// The parameters of a blob that lies here, also from an earlier process; nil where it is not there or not right.
  public func keptParts(named name: String) -> NamedParts? {
    guard let blob = kept(named: name), let parts = try? ParameterFile.read(from: url(of: blob)) else {
      return nil
    }
    last.withLock { $0 = (parts, blob) }
    return parts
  }

  /// The complete blob with this name, also from an earlier process; `nil` if it is missing or damaged.
  ///
  /// Reads the whole file.
  public func kept(named name: String) -> BlobDescriptor? {
    guard Self.isName(name) else { return nil }
    let file = folder.appending(path: name + ".safetensors")
    guard let blob = try? BlobFile.describe(file), blob.name == name else { return nil }
    known.withLock { $0[blob.digest] = blob }
    return blob
  }

  /// Remembers what a peer is about to send.
  func announce(_ blob: BlobDescriptor) {
    let oldest = announcements.withLock { announced -> BlobDescriptor? in
      announced.removeAll { $0 == blob }
      announced.append(blob)
      return announced.count > Self.mostAnnounced ? announced.removeFirst() : nil
    }
    if let oldest { remove(oldest) }
  }

  /// What a peer has announced under this digest.
  func announced(_ digest: Data) -> BlobDescriptor? {
    announcements.withLock { $0.first { $0.digest == digest } }
  }

  func open(_ blob: BlobDescriptor) throws(ConsiliumError) -> BlobFile { try BlobFile(url(of: blob), blob) }

  /// The first chunk that is not there yet; as many as the blob has where it is complete.
  ///
  /// What an earlier transfer left is checked chunk by chunk; from the first that does not match on, it is written anew.
  func firstMissing(of blob: BlobDescriptor) throws(ConsiliumError) -> Int {
    if FileManager.default.fileExists(atPath: url(of: blob).path) {
      guard known.withLock({ $0[blob.digest] }) == nil else { return blob.chunkCount }
      // Left by an earlier process: its bytes are checked once.
      if (try? BlobFile.describe(url(of: blob)))?.digest == blob.digest {
        known.withLock { $0[blob.digest] = blob }
        return blob.chunkCount
      }
      // Unless a transfer has replaced it meanwhile.
      known.withLock { if $0[blob.digest] == nil { unlink(url(of: blob).path) } }
    } else {
      // What was there once may have been removed from outside.
      known.withLock { if access(url(of: blob).path, F_OK) != 0 { $0[blob.digest] = nil } }
    }
    guard FileManager.default.fileExists(atPath: partURL(of: blob).path) else { return 0 }
    let part = try part(of: blob)
    // Whoever wrote the last chunk was stopped before it could give the file its name.
    if part.isWhole { try finish(part) }
    return part.firstMissing
  }

  private func part(of blob: BlobDescriptor) throws(ConsiliumError) -> BlobPart {
    if let part = parts.withLock({ $0[blob.digest] }), part.isInPlace { return part }
    let url = partURL(of: blob)
    // Under the lock, so that two transfers of one blob do not take two files for it.
    guard let file = parts.withLock({ _ in GrowingFile(url.path, over: spares) }) else {
      throw BlobError.cannot("write", url)
    }
    let part = BlobPart(url, blob, in: file)
    parts.withLock { $0[blob.digest] = part }
    return part
  }

  /// Opens a blob's part to write its chunks from the first missing one on; nil where the blob is complete.
  func receive(_ blob: BlobDescriptor) throws(ConsiliumError) -> BlobPart? {
    guard try firstMissing(of: blob) < blob.chunkCount else { return nil }
    return try part(of: blob)
  }

  /// Makes a part whose chunks are all there a blob.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  func finish(_ part: BlobPart) throws(ConsiliumError) {
    let (blob, target) = (part.blob, url(of: part.blob))
    let isDone = known.withLock { known in
      // Another transfer of the same blob may have been quicker; this one has nothing left to do then.
      guard known[blob.digest] == nil else {
        unlink(part.url.path)
        return true
      }
      // The file at this place may be another by now, whose chunks this transfer has not seen.
      guard part.isComplete(), rename(part.url.path, target.path) == 0 else { return false }
      known[blob.digest] = blob
      return true
    }
    parts.withLock { $0[blob.digest] = nil }
    guard isDone else {
      throw ConsiliumError(.storage, "'\(part.url.path)' was removed while it was written; it is sent again")
    }
  }

  /// Removes a blob; mappings of it live on.
  public func remove(_ blob: BlobDescriptor) {
    parts.withLock { $0[blob.digest] = nil }
    known.withLock { known in
      known[blob.digest] = nil
      discard(url(of: blob).path)
      unlink(partURL(of: blob).path)
    }
  }

  /// True where a peer's text names a blob, and so cannot lead out of the folder.
  static func isName(_ text: String) -> Bool { text.wholeMatch(of: /[0-9a-f]{64}/) != nil }

  /// True for a file that a store made, other than a spare one; what else lies in its folder is not its to remove.
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

  /// Removes all blobs but those whose digests, in hexadecimal, are these.
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
