import Crypto
import FederatedCore
import Foundation

extension RevocationList {
  init(_ content: Content, signedWith key: P256.Signing.PrivateKey) throws(ConsiliumError) {
    self.content = content
    do {
      signature = try key.signature(for: Self.digest(of: content)).derRepresentation
    } catch {
      throw ConsiliumError(.storage, "cannot sign the revocation list", cause: error)
    }
  }

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the list comes from a different authority or
  ///   was changed.
  public func verify(by authority: Authority) throws(ConsiliumError) {
    guard consortium == authority.consortium else {
      throw ConsiliumError(
        .invalidInput,
        "the revocation list belongs to '\(consortium)'; expected that of '\(authority.consortium)'"
      )
    }
    guard let value = try? P256.Signing.ECDSASignature(derRepresentation: signature),
      let digest = try? Self.digest(of: content), authority.publicKey.isValidSignature(value, for: digest)
    else {
      throw ConsiliumError(
        .invalidInput,
        "the revocation list is not signed by the authority of '\(consortium)', or was changed; ask for it again"
      )
    }
  }

  /// Reads a list without verifying it.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` that names the file.
  public static func load(from url: URL) throws(ConsiliumError) -> RevocationList {
    let data = try SmallFile.read(url, what: "a revocation list")
    do {
      return try RevocationList(data)
    } catch {
      throw ConsiliumError(
        .invalidInput, "'\(url.path(percentEncoded: false))' is not a revocation list, or it is damaged",
        cause: error)
    }
  }

  /// Decodes the output of ``encoded()``.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput`.
  public init(_ data: Data) throws(ConsiliumError) {
    do {
      self = try CanonicalJSON.decode(RevocationList.self, from: data)
    } catch {
      throw ConsiliumError(.invalidInput, "this is not a revocation list, or it is damaged", cause: error)
    }
  }

  /// Encodes the list as JSON.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  public func encoded() throws(ConsiliumError) -> Data {
    do {
      return try CanonicalJSON.encode(self, pretty: true) + Data("\n".utf8)
    } catch {
      throw ConsiliumError(.storage, "cannot write the revocation list", cause: error)
    }
  }

  private static func digest(of content: Content) throws -> SHA256Digest {
    var hash = SHA256()
    hash.update(data: Data("consilium-revocations-1\n".utf8))
    hash.update(data: try CanonicalJSON.encode(content))
    return hash.finalize()
  }
}
