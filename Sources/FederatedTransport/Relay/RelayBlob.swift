import Crypto
import FederatedCore
import Foundation
import ParameterFiles

/// A blob of a relay: its SHA-256, which names it, and its size.
///
/// Unlike the files of a coordinator (``BlobDescriptor``), it needs no digest per chunk: the seal of its
/// content authenticates each chunk.
public struct RelayBlob: Sendable, Hashable {
  /// The SHA-256 of the content; 32 bytes.
  public let digest: Data
  /// The size in bytes.
  public let size: Int

  /// The number of bytes that are sent as one piece, and the maximum that is accepted.
  static let usualPiece = 512 << 10
  static let largestPiece = 1 << 20

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the digest has not 32 bytes or the size is not
  ///   positive.
  public init(digest: Data, size: Int) throws(ConsiliumError) {
    guard size > 0 else { throw ConsiliumError(.invalidInput, "a blob of \(size) bytes cannot be sent") }
    self.digest = try Self.checked(digest)
    self.size = size
  }

  init(_ message: Consilium_V1_BlobAnnouncement) throws(ConsiliumError) {
    try self.init(digest: message.digest, size: Int(clamping: message.size))
  }

  var message: Consilium_V1_BlobAnnouncement {
    .with { ($0.digest, $0.size) = (digest, UInt64(size)) }
  }

  /// Reads the file at `url`.
  ///
  /// - Throws: ``ConsiliumError``: `.storage` if it cannot be read, `.invalidInput` if it is empty.
  public init(of url: URL) throws(ConsiliumError) {
    let file = try RelayFile(url)
    try self.init(digest: try file.digest(), size: file.count)
  }

  /// The digest in hexadecimal.
  public var name: String { digest.hexadecimal }

  /// Checks a digest received from a peer.
  static func checked(_ digest: Data) throws(ConsiliumError) -> Data {
    guard digest.count == 32 else {
      throw ConsiliumError(.invalidInput, "the name of a blob has \(digest.count) bytes; expected 32")
    }
    return Data(digest)
  }
}
