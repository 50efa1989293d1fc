import Credentials
import FederatedCore
import Foundation

/// The record that travels with a model, as JSON in `MODEL.manifest.json` next to `MODEL.safetensors`: the
/// agreement under which it was trained, and the signed manifest of every round.
public struct ManifestFile: Codable, Sendable, Equatable {
  public static let format = "consilium-manifest-3"
  /// The format of a file with rounds of ``RoundManifest/completeRules``, which versions before this one cannot
  /// verify.
  public static let completeFormat = "consilium-manifest-4"
  /// The format of version 0.1, which is still verified.
  static let formerFormat = "consilium-manifest-2"

  public var format: String
  /// The study's digest.
  public var study: String
  public var arm: String
  /// The SHA-256 of the model's parameters, in hexadecimal.
  public var model: String
  /// The round at whose end this model was the global model.
  public var round: Int
  public var agreement: StudyAgreement?
  /// The manifests of all rounds of the arm, from the first on.
  public var rounds: [Signed<RoundManifest>]
  /// The coordinator's statement that these are all rounds, and that this model is their result. `nil` in a
  /// file of version 0.1.
  public var conclusion: Signed<ArmConclusion>?

  public init(
    study: String, arm: String, model: String, round: Int, agreement: StudyAgreement?,
    rounds: [Signed<RoundManifest>], conclusion: Signed<ArmConclusion>?
  ) {
    format = rounds.contains(where: \.statement.isCompleteRecord) ? Self.completeFormat : Self.format
    self.conclusion = conclusion
    self.study = study
    self.arm = arm
    self.model = model
    self.round = round
    self.agreement = agreement
    self.rounds = rounds
  }

  /// Returns the place of the manifest of a model file.
  public static func url(forModel model: URL) -> URL {
    model.deletingPathExtension().appendingPathExtension("manifest.json")
  }

  /// Reads the text of a manifest file.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput`.
  public init(json: Data, file: String) throws(ConsiliumError) {
    // Decode the format first, since a file of a different format may not decode as a whole.
    if let format = try? CanonicalJSON.decode(Format.self, from: json).format,
      ![Self.completeFormat, Self.format, Self.formerFormat].contains(format)
    {
      throw ConsiliumError(
        .invalidInput,
        "'\(file)' has the format \(format.quotedForMessage); expected \(Self.completeFormat) or an earlier one. Verify it with the version of "
          + "Consilium that made it")
    }
    do {
      self = try CanonicalJSON.decode(Self.self, from: json)
    } catch {
      throw ConsiliumError(
        .invalidInput, "'\(file)' is not the manifest of a model, or is damaged", cause: error)
    }
  }

  private struct Format: Decodable { var format: String }

  /// Encodes the text of the file.
  public func json() throws(ConsiliumError) -> Data {
    do {
      return try CanonicalJSON.encode(self, pretty: true) + [0x0A]
    } catch {
      throw ConsiliumError(.invalidInput, "a number in the manifest is not finite", cause: error)
    }
  }
}
