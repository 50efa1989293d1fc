import Crypto
import FederatedCore
import Foundation

/// The expected digest of a file, in lower-case hexadecimal.
enum FileDigest: Sendable, Equatable, CustomStringConvertible {
  /// An MD5 digest, as published for older archives. It detects damaged files, but not forged ones.
  case md5(String)
  case sha256(String)

  var description: String {
    switch self {
    case .md5(let value): "MD5 \(value)"
    case .sha256(let value): "SHA-256 \(value)"
    }
  }

  /// Computes the digest of a file with the same algorithm as this digest.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage` if the file cannot be read.
  func sameKind(of file: URL) throws -> FileDigest {
    switch self {
    case .md5: .md5(try Self.hash(file, with: Insecure.MD5()))
    case .sha256: .sha256(try Self.hash(file, with: SHA256()))
    }
  }

  private static func hash(_ file: URL, with function: some HashFunction) throws -> String {
    var function = function
    do {
      let handle = try FileHandle(forReadingFrom: file)
      defer { try? handle.close() }
      while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty { function.update(data: piece) }
    } catch {
      throw ConsiliumError(.storage, "cannot read \(file.path): \(error.localizedDescription)", cause: error)
    }
    return function.finalize().map { String(format: "%02x", $0) }.joined()
  }
}
