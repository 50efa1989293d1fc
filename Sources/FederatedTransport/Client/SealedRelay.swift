import Credentials
import Crypto
import FederatedCore
import Foundation
import GRPCCore
import ParameterFiles
import Synchronization

/// The relay of a swarm between hospitals: parameters are sealed for the members before they leave, so that an
/// anchor holds no model that it could read.
///
/// Sealed parameters are a blob of the ``RemoteRelay``. An entry of the register, under the digest of the
/// parameters, names the blob and has its key, wrapped for each recipient. Such an entry needs no signature:
/// a member computes the digest of everything that it opens.
public final class SealedRelay: SwarmRelay {
  /// What the register says about sealed parameters.
  struct Entry: Codable, Equatable {
    /// The size of the blob in bytes.
    var size: Int
    var keys: [WrappedKey]
  }

  /// The number of its newest blobs that a member keeps at the anchors. A round needs the update, the model
  /// and the state of this round and the one before, and whoever merges removes only its own earlier.
  static let kept = 8

  private let relay: RemoteRelay
  private let register: any SwarmRegister
  private let root: SwarmKey
  private let folder: URL
  private let own: SealingKey
  private let recipients: [Data]
  /// The parameters that this member has stored, the newest last.
  private let stored = Mutex<[(digest: String, blob: RelayBlob)]>([])
  /// The blobs that are being fetched. Only the first of several calls continues what an earlier one left.
  private let fetching = Mutex<Set<RelayBlob>>([])

  /// - Parameters:
  ///   - root: the key under which the entries of all sealed parameters of the study lie; the same at all
  ///     members.
  ///   - folder: this member's folder for files that are being sealed and opened.
  ///   - own: this member's key.
  ///   - recipients: the public keys of the members that may read; each signed by its member.
  /// - Throws: ``ConsiliumError`` with code `.storage` if the folder cannot be created.
  public init(
    _ relay: RemoteRelay, register: any SwarmRegister, under root: SwarmKey, folder: URL, own: SealingKey,
    recipients: [Data]
  ) throws(ConsiliumError) {
    self.relay = relay
    self.register = register
    self.root = root
    self.folder = folder
    self.own = own
    self.recipients = recipients
    try DurableFolder.create(folder)
  }

  /// What a sealed file is: parameters of this study with this digest.
  private func context(_ digest: String) -> String { "\(root)/\(digest)" }

  /// A file that no other call uses.
  private func newFile() -> URL { folder.appending(path: UUID().uuidString) }

  // MARK: Storing

  public func put(_ parts: NamedParts) async throws -> String {
    let digest = ParameterDigest.sha256(of: parts)
    if let blob = stored.withLock({ $0.last { $0.digest == digest }?.blob }) {
      // An anchor may have lost it. If it is unknown whether one has, another copy does no harm.
      if (try? await relay.holds(blob)) == true { return digest }
      stored.withLock { $0.removeAll { $0.blob == blob } }
    }
    let (plain, sealed, key) = (newFile(), newFile(), ContentKey())
    defer { for file in [plain, sealed] { unlink(file.path) } }
    try ParameterFile.share(parts, to: plain, durability: .fast)
    try SealedBlob(key, context: context(digest)).seal(plain, to: sealed)
    unlink(plain.path)
    let blob = try await relay.put(sealed)
    var entry = Entry(size: blob.size, keys: [])
    for recipient in recipients {
      entry.keys.append(try key.wrapped(for: recipient, context: context(digest)))
    }
    // The name of the blob is unique, so only an earlier attempt can have created the entry.
    _ = try await register.create(
      root.appending(digest).appending(blob.name), Array(WireJSON.encode(entry)), lease: nil, fence: nil)
    let old = stored.withLock { stored in
      stored.append((digest, blob))
      return stored.count > Self.kept ? stored.removeFirst().blob : nil
    }
    // A blob that an anchor out of reach keeps costs space, and nothing else.
    if let old { try? await relay.remove(old) }
    return digest
  }

  public func remove(_ digest: String) async throws {
    let blobs = stored.withLock { stored in stored.filter { $0.digest == digest }.map(\.blob) }
    for blob in blobs { try await relay.remove(blob) }
    stored.withLock { $0.removeAll { $0.digest == digest } }
  }

  // MARK: Reading

  public func parts(_ digest: String) async throws -> NamedParts? {
    for entry in try await register.entries(under: root.appending(digest)).entries {
      if let parts = try await open(entry, digest) { return parts }
    }
    return nil
  }

  /// The parameters that an entry names; `nil` if they are gone, are not for this member, or are others.
  private func open(_ entry: SwarmEntry, _ digest: String) async throws -> NamedParts? {
    guard let name = entry.key.description.split(separator: "/").last,
      let bytes = Data(hexadecimal: name),
      let content = try? WireJSON.decode(Data(entry.value), "an entry of the relay") as Entry,
      let blob = try? RelayBlob(digest: bytes, size: content.size),
      let wrapped = content.keys.first(where: { $0.recipient == own.publicKey }),
      let key = try? ContentKey(opening: wrapped, with: own, context: context(digest))
    else { return nil }
    let isFirst = fetching.withLock { $0.insert(blob).inserted }
    let (sealed, plain) = (isFirst ? folder.appending(path: blob.name) : newFile(), newFile())
    defer {
      for file in [sealed, plain] { unlink(file.path) }
      if isFirst { fetching.withLock { _ = $0.remove(blob) } }
    }
    guard try await relay.get(blob, to: sealed) else { return nil }
    do {
      try SealedBlob(key, context: context(digest)).open(sealed, to: plain)
    } catch let error as ConsiliumError where error.code == .invalidUpdate {
      return nil
    }
    // The values stay mapped after the file has lost its name.
    guard let parts = try? ParameterFile.read(from: plain), ParameterDigest.sha256(of: parts) == digest else {
      return nil
    }
    return parts
  }
}

extension Data {
  /// Reads lower-case hexadecimal digits. Returns `nil` if there are others, or an odd number.
  fileprivate init?(hexadecimal text: some StringProtocol) {
    let digits = text.utf8.map { digit -> UInt8? in
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
      default: nil
      }
    }
    let known = digits.compactMap { $0 }
    guard known.count == digits.count, known.count.isMultiple(of: 2) else { return nil }
    self = Data(stride(from: 0, to: known.count, by: 2).map { known[$0] << 4 | known[$0 + 1] })
  }
}
