import Crypto
import FederatedCore
import Foundation

/// Encrypts and decrypts the chunks of one ``SealedBlob``.
struct ChunkCipher {
  /// The first bytes of the sealed file: the random ones, and those that commit to the key. Nobody can find
  /// two keys with the same ones, so all recipients read the same content.
  let head: Data
  private let key: SymmetricKey
  private let context: Data

  /// - Parameter salt: the random bytes of the file.
  init(_ key: ContentKey, salt: Data, context: Data) {
    self.context = context
    var digest = HMAC<SHA256>(key: key.key)
    for part in [Data("commitment\n".utf8), salt, context] { digest.update(data: part) }
    head = salt + Data(digest.finalize())
    self.key = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: key.key, salt: salt, info: Data("chunks\n".utf8) + context, outputByteCount: 32)
  }

  private func nonce(_ chunk: Int, isLast: Bool) throws -> AES.GCM.Nonce {
    var bytes = Data(count: 3)
    withUnsafeBytes(of: UInt64(chunk).bigEndian) { bytes.append(contentsOf: $0) }
    bytes.append(isLast ? 1 : 0)
    return try AES.GCM.Nonce(data: bytes)
  }

  func seal(_ content: Data, chunk: Int, isLast: Bool) throws(ConsiliumError) -> Data {
    do {
      let box = try AES.GCM.seal(
        content, using: key, nonce: nonce(chunk, isLast: isLast), authenticating: context)
      return box.ciphertext + box.tag
    } catch {
      throw ConsiliumError(.engine, "a file cannot be sealed", cause: error)
    }
  }

  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the chunk was altered or is not at its place.
  func open(_ sealed: Data, chunk: Int, isLast: Bool) throws(ConsiliumError) -> Data {
    do {
      let box = try AES.GCM.SealedBox(
        nonce: nonce(chunk, isLast: isLast), ciphertext: sealed.dropLast(SealedBlob.overhead),
        tag: sealed.suffix(SealedBlob.overhead))
      return try AES.GCM.open(box, using: key, authenticating: context)
    } catch {
      throw ConsiliumError(
        .invalidUpdate,
        "part \(chunk + 1) of a sealed file cannot be opened: it was altered, or the file is another one",
        cause: error)
    }
  }
}
