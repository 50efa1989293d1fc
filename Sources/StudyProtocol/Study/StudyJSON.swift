import Crypto
import FederatedCore
import Foundation

/// Encodes a value as canonical JSON, of which there is exactly one text per value: keys sorted, defaults
/// filled in, numbers in their shortest form.
///
/// This text is sent to workers, stored in run folders and hashed. The canonical JSON of a study is itself a
/// study file.
enum StudyJSON {
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

  /// Escapes characters that YAML permits in texts only as escapes, such as line separators.
  ///
  /// With these characters escaped, JSON is valid YAML. Valid JSON never contains them outside texts.
  static func yaml(of json: String) -> String {
    guard json.unicodeScalars.contains(where: isSpecial) else { return json }
    return json.unicodeScalars.reduce(into: "") { text, scalar in
      if isSpecial(scalar) {
        text += String(format: "\\u%04x", scalar.value)
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
  }

  private static func isSpecial(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x7F...0x9F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF: true
    default: false
    }
  }

  static func digest(of text: String) -> String {
    SHA256.hash(data: Data(text.utf8)).map { String(format: "%02x", $0) }.joined()
  }
}

extension Study {
  /// Reads canonical JSON with the reader of study files. Does not check whether the sections are consistent:
  /// an earlier version may have accepted a stored study that this version would refuse.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` that lists the errors.
  public init(canonicalJSON: String) throws {
    do throws(StudyDiagnostics) {
      let (study, log) = try Self.read(
        StudyJSON.yaml(of: canonicalJSON), file: "study.json", checksParts: false)
      try log.throwIfAny()
      self = study
    } catch {
      throw ConsiliumError(
        .invalidInput, "this is not the canonical JSON of a study: \(error.description)", cause: error)
    }
  }

  /// The study as canonical JSON.
  public func canonicalJSON() throws -> String { try StudyJSON.encode(self) }

  /// The SHA-256 of the canonical JSON, in hexadecimal. Comments and the order of keys do not change it.
  public func digest() throws -> String { StudyJSON.digest(of: try canonicalJSON()) }
}

extension SiteDefinition {
  /// - Throws: ``ConsiliumError`` with code `.invalidInput`.
  public init(canonicalJSON: String) throws {
    self = try StudyJSON.decode(SiteDefinition.self, from: canonicalJSON, of: "site")
  }

  /// The site as canonical JSON.
  public func canonicalJSON() throws -> String { try StudyJSON.encode(self) }

  /// The SHA-256 of the canonical JSON, in hexadecimal.
  public func digest() throws -> String { StudyJSON.digest(of: try canonicalJSON()) }
}
