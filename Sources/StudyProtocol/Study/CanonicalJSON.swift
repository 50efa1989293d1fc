import Crypto
import FederatedCore
import Foundation

/// The one JSON text of a value: keys sorted, defaults filled in, numbers in their shortest form.
///
/// It is what is sent to engines, kept in run folders and hashed. The canonical JSON of a study is itself a study file.
enum CanonicalJSON {
  static func encode(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      throw ConsiliumError(
        .invalidInput, "a number in the study, site or policy is infinite or not a number", cause: error)
    }
  }

  static func decode<T: Decodable>(_ type: T.Type, from text: String, of what: String) throws -> T {
    do {
      return try JSONDecoder().decode(type, from: Data(text.utf8))
    } catch {
      throw ConsiliumError(.invalidInput, "this is not the canonical JSON of a \(what)", cause: error)
    }
  }

  static func digest(of text: String) -> String {
    SHA256.hash(data: Data(text.utf8)).map { String(format: "%02x", $0) }.joined()
  }
}

extension Study {
  /// - Throws: ``ConsiliumError`` with code `.invalidInput`.
  public init(canonicalJSON: String) throws {
    self = try CanonicalJSON.decode(Study.self, from: canonicalJSON, of: "study")
  }

  /// The study as canonical JSON.
  public func canonicalJSON() throws -> String { try CanonicalJSON.encode(self) }

  /// The SHA-256 of the canonical JSON, in hexadecimal: the same whatever the comments and the order of the keys.
  public func digest() throws -> String { CanonicalJSON.digest(of: try canonicalJSON()) }
}

extension SiteDefinition {
  /// - Throws: ``ConsiliumError`` with code `.invalidInput`.
  public init(canonicalJSON: String) throws {
    self = try CanonicalJSON.decode(SiteDefinition.self, from: canonicalJSON, of: "site")
  }

  /// The site as canonical JSON.
  public func canonicalJSON() throws -> String { try CanonicalJSON.encode(self) }

  /// The SHA-256 of the canonical JSON, in hexadecimal.
  public func digest() throws -> String { CanonicalJSON.digest(of: try canonicalJSON()) }
}
