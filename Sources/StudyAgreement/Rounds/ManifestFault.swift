/// A problem in a chain of round manifests: content that the coordinator and the sites did not sign.
public struct ManifestFault: Sendable, Codable, Equatable, CustomStringConvertible {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// The manifest of a round is missing.
    case missing
    /// A manifest is out of order.
    case reordered
    /// A round has more than one manifest.
    case duplicated
    /// A manifest or a contribution belongs to a different study, arm or round.
    case foreign
    /// The coordinator's signature is invalid.
    case forged
    /// A manifest does not name the previous manifest, or starts from a different model.
    case broken
    /// A site's signature is invalid.
    case unsigned
    /// A contribution is counted twice, has an impossible weight, or was trained from a different model.
    case implausible
    /// A contribution names no entry of its site's audit log.
    case unanchored
    /// The manifest requires different sites from the study.
    case requirement
  }

  /// The round; `nil` if the whole chain is concerned.
  public var round: Int?
  public var kind: Kind
  public var message: String

  public var description: String { (round.map { "round \($0): " } ?? "") + "\(kind.rawValue): \(message)" }
}
