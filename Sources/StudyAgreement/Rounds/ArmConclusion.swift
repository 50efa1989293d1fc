import Credentials
import FederatedCore
import Foundation

/// The coordinator's statement that an arm has ended: how many rounds it had, and which model is its result.
///
/// Without it, nobody could tell that the last rounds were cut off, or that the model of another round was
/// passed off as the result.
public struct ArmConclusion: Statement {
  public static let kind = "consilium-arm-conclusion-1"

  /// The study's digest.
  public var study: String
  public var arm: String
  public var time: Date
  /// The number of rounds.
  public var rounds: Int
  /// The digest of the last round's manifest, which names all earlier manifests.
  public var manifest: String
  /// The round whose model is the result.
  public var round: Int
  /// The SHA-256 of the resulting model's parameters, in hexadecimal.
  public var model: String
  /// Whether the arm ran to its end; `false` if the study was ended early.
  public var isComplete: Bool

  /// - Parameter last: The last round's manifest.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if a number in the manifest is not finite.
  public init(
    after last: RoundManifest, time: Date, round: Int, model: String, isComplete: Bool
  ) throws(ConsiliumError) {
    study = last.study
    arm = last.arm
    self.time = Moment.wholeSeconds(time)
    rounds = last.round
    manifest = try last.digest()
    self.round = round
    self.model = model
    self.isComplete = isComplete
  }
}
