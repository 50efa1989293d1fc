/// Something in a chain of round manifests that is not as coordinator and sites signed it.
public struct ManifestFault: Sendable, Codable, Equatable, CustomStringConvertible {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// A round has no manifest.
    case missing
    /// A manifest is not in its place.
    case reordered
    /// A round has more than one manifest.
    case duplicated
    /// A manifest or a contribution is of another study or arm, or of another round.
    case foreign
    /// The coordinator's signature does not count.
    case forged
    /// A manifest does not name the one before it, or begins with another model.
    case broken
    /// A site's signature does not count.
    case unsigned
    /// A contribution counts twice, or has a weight that cannot be.
    case implausible
    /// The manifest requires other sites than the study.
    case requirement
  }

  /// Nil where the fault is of the whole chain.
  public var round: Int?
  public var kind: Kind
  public var message: String

  public var description: String { (round.map { "round \($0): " } ?? "") + "\(kind.rawValue): \(message)" }
}
