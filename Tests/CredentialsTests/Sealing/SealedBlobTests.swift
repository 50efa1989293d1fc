import Crypto
import FederatedCore
import Foundation
import Testing

@testable import Credentials

struct SealedBlobTests {
  private static let context = "study s, arm swarm, round 3, site DU"
  private let key = ContentKey()
  private var seal: SealedBlob { SealedBlob(key, context: Self.context) }

  private func sealed(_ content: Data) throws -> Data {
    var bytes = Data()
    try seal.seal(content.count, read: { content[$0] }, write: { bytes += $0 })
    return bytes
  }

  private func opened(_ bytes: Data, _ seal: SealedBlob? = nil) throws -> Data {
    var content = Data()
    try (seal ?? self.seal).open(bytes.count, read: { bytes[$0] }, write: { content += $0 })
    return content
  }

  private func content(_ size: Int) -> Data {
    var generator = RandomStream(seed: UInt64(size))
    var data = Data(count: size)
    data.withUnsafeMutableBytes { bytes in
      for place in bytes.indices { bytes[place] = UInt8(truncatingIfNeeded: generator.next()) }
    }
    return data
  }

  @Test(arguments: [0, 1, 1000, 1 << 20, 1 << 20 | 1, 2 << 20, 2_500_000])
  func contentComesBack(size: Int) throws {
    let content = content(size)
    let bytes = try sealed(content)
    #expect(bytes.count == SealedBlob.sealedSize(of: size))
    #expect(try SealedBlob.contentSize(of: bytes.count) == size)
    #expect(try opened(bytes) == content)
  }

  @Test func nothingOfTheContentIsVisible() throws {
    let planted = content(64)
    let bytes = try sealed(content(5000) + planted + content(900))
    #expect(bytes.range(of: planted) == nil)
    #expect(bytes.range(of: planted.prefix(8)) == nil)
    // Also with the same key, equal contents look different.
    let (first, second) = (try sealed(planted), try sealed(planted))
    #expect(first.suffix(80).prefix(64) != second.suffix(80).prefix(64))
  }

  @Test func everyAlteredByteIsRefused() throws {
    let bytes = try sealed(content(300))
    for place in bytes.indices {
      var altered = bytes
      altered[place] ^= 1
      #expect(throws: ConsiliumError.self) { try opened(altered) }
    }
  }

  @Test func truncatedAndLongerFilesAreRefused() throws {
    let bytes = try sealed(content(2 << 20 | 100))
    let chunk = (1 << 20) + 16
    for size in [0, 63, 64, 65, 79, 80, 100, 64 + chunk, 64 + 2 * chunk, bytes.count - 1, bytes.count - 100] {
      #expect(throws: ConsiliumError.self, "\(size)") { try opened(bytes.prefix(size)) }
    }
    for more in [1, 16, 17, chunk] {
      #expect(throws: ConsiliumError.self, "\(more)") { try opened(bytes + Data(count: more)) }
    }
  }

  @Test func reorderedAndRepeatedChunksAreRefused() throws {
    let bytes = try sealed(content(3 << 20))
    let chunk = (1 << 20) + 16
    let parts = (0..<3).map { bytes[(64 + $0 * chunk)..<(64 + ($0 + 1) * chunk)] }
    for order in [[1, 0, 2], [0, 2, 1], [2, 1, 0], [0, 0, 2], [0, 1], [0, 1, 2, 2], [1, 2]] {
      let altered = order.reduce(bytes.prefix(64)) { $0 + parts[$1] }
      #expect(throws: ConsiliumError.self, "\(order)") { try opened(Data(altered)) }
    }
  }

  @Test func anotherKeyOrPurposeIsRefused() throws {
    let bytes = try sealed(content(100))
    for other in [
      SealedBlob(ContentKey(), context: Self.context),
      SealedBlob(key, context: "study s, arm swarm, round 4"),
    ] {
      let error = #expect(throws: ConsiliumError.self) { try opened(bytes, other) }
      #expect(error?.code == .invalidUpdate)
    }
  }

  // MARK: Wrapped keys

  @Test func onlyRecipientsOpenTheKey() throws {
    let (merger, deputy, other) = (SealingKey(), SealingKey(), SealingKey())
    let bytes = try sealed(content(100))
    for member in [merger, deputy] {
      let wrapped = try key.wrapped(for: member.publicKey, context: Self.context)
      let stored = try SealingKey(rawRepresentation: member.rawRepresentation)
      let opened = try ContentKey(opening: wrapped, with: stored, context: Self.context)
      #expect(try self.opened(bytes, SealedBlob(opened, context: Self.context)) == content(100))
      var stolen = wrapped
      for recipient in [wrapped.recipient, other.publicKey] {
        stolen.recipient = recipient
        let error = #expect(throws: ConsiliumError.self) {
          try ContentKey(opening: stolen, with: other, context: Self.context)
        }
        #expect(error?.code == .invalidUpdate)
      }
    }
  }

  @Test func everyAlteredByteOfAWrappedKeyIsRefused() throws {
    let member = SealingKey()
    let wrapped = try key.wrapped(for: member.publicKey, context: Self.context)
    #expect(wrapped.encapsulated.count == 32 && wrapped.ciphertext.count == 48)
    for place in wrapped.ciphertext.indices {
      var altered = wrapped
      altered.ciphertext[place] ^= 1
      #expect(throws: ConsiliumError.self) {
        try ContentKey(opening: altered, with: member, context: Self.context)
      }
    }
    // RFC 7748 ignores the highest bit of a public key of X25519; HPKE binds the bytes all the same.
    for place in wrapped.encapsulated.indices {
      var altered = wrapped
      altered.encapsulated[place] ^= 128
      #expect(throws: ConsiliumError.self) {
        try ContentKey(opening: altered, with: member, context: Self.context)
      }
    }
    #expect(throws: ConsiliumError.self) {
      try ContentKey(opening: wrapped, with: member, context: "another purpose")
    }
  }

  @Test func impossibleKeysAreRefused() {
    for size in [0, 31, 33] {
      #expect(throws: ConsiliumError.self) { try SealingKey(rawRepresentation: Data(count: size)) }
      #expect(throws: ConsiliumError.self) { try key.wrapped(for: Data(count: size), context: "") }
    }
    // A point of low order gives a secret that everyone knows.
    #expect(throws: ConsiliumError.self) { try key.wrapped(for: Data(count: 32), context: "") }
  }

  /// Opens what this program sealed with the primitives alone, as another program would.
  @Test func formIsTheDocumentedOne() throws {
    let content = content(1 << 20 | 5)
    let bytes = try sealed(content)
    let context = Data("consilium-sealed-1\n\(Self.context)".utf8)
    let chunks = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: key.key, salt: bytes.prefix(32), info: Data("chunks\n".utf8) + context,
      outputByteCount: 32)
    let head = HMAC<SHA256>.authenticationCode(
      for: Data("commitment\n".utf8) + bytes.prefix(32) + context, using: key.key)
    #expect(bytes.prefix(64).suffix(32) == Data(head))
    let last = try AES.GCM.SealedBox(
      combined: Data([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]) + bytes.suffix(21))
    #expect(try AES.GCM.open(last, using: chunks, authenticating: context) == content.suffix(5))
  }
}
