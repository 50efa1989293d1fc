import FederatedCore

/// A conflict between a site's policy and a study, in plain English.
public struct PolicyObjection: Sendable, Codable, Equatable, CustomStringConvertible {
  public enum Effect: String, Sendable, Codable {
    /// The site does not take part in the study.
    case refuses
    /// The site takes part but withholds something that the study would use.
    case withholds
  }

  /// The setting of the policy, for example `accept.workflows`.
  public var setting: String
  public var effect: Effect
  public var message: String

  public init(_ setting: String, _ effect: Effect, _ message: String) {
    self.setting = setting
    self.effect = effect
    self.message = message
  }

  public var description: String { "\(effect.rawValue): \(setting): \(message)".onOneLine }
}
