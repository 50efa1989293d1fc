/// A step that protects the updates of a study, in two halves: at each site before its update leaves, and at
/// the lead once the updates are combined.
///
/// A study's mechanisms act at a site in their order and at the lead in reverse order. `MechanismLaws` in
/// FederatedTesting holds what every mechanism obeys.
public protocol UpdateMechanism: Sendable {
  /// The half at the site. An error releases nothing.
  ///
  /// - Returns: the privacy that the update costs if it leaves as this half made it.
  func atSite<Payload: ParameterGroup>(_ update: inout ModelUpdate<Payload>, in context: SiteContext)
    async throws -> PrivacyCost

  /// The half at the lead.
  func atLead<Payload: ParameterGroup>(_ aggregate: inout Aggregate<Payload>, in context: RoundContext) throws
}

extension UpdateMechanism {
  public func atLead<Payload: ParameterGroup>(_ aggregate: inout Aggregate<Payload>, in context: RoundContext)
  {}
}

/// Where and when the half at a site runs.
public struct SiteContext: Sendable {
  public var site: SiteID
  public var round: Int
  /// Of the host: the system's at an agent, a seeded one in a simulation.
  public var noise: NoiseSource

  public init(site: SiteID, round: Int, noise: NoiseSource) {
    self.site = site
    self.round = round
    self.noise = noise
  }
}

/// When the half at the lead runs.
public struct RoundContext: Sendable {
  public var round: Int
  public var noise: NoiseSource

  public init(round: Int, noise: NoiseSource) {
    self.round = round
    self.noise = noise
  }
}

/// How much a release may tell about any one patient.
public enum PrivacyCost: Sendable, Equatable, Comparable {
  /// Nothing beyond what has left before.
  case zero
  /// No bound is known.
  case unbounded
}

/// The mechanism that changes nothing and bounds nothing.
public struct NoMechanism: UpdateMechanism, Equatable {
  public init() {}

  public func atSite<Payload: ParameterGroup>(_ update: inout ModelUpdate<Payload>, in context: SiteContext)
    -> PrivacyCost
  { .unbounded }
}
