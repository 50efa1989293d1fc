/// A step that protects the updates of a study, such as a limit on their length. It acts at each site before
/// the site's update leaves, and at the coordinator after the updates are combined.
///
/// A study's mechanisms act in order at a site, and in reverse order at the coordinator. `MechanismLaws` in
/// FederatedTesting checks the laws that every mechanism must obey.
public protocol UpdateMechanism: Sendable {
  /// Changes the update at the site, before the update leaves. If this throws, nothing is released.
  ///
  /// - Returns: The privacy cost of the update after this change.
  func atSite<Payload: ParameterGroup>(_ update: inout ModelUpdate<Payload>, in context: SiteContext)
    async throws -> PrivacyCost

  /// Refuses an update that the half at the site cannot have released. Called at the coordinator, before the
  /// update is accepted, for the last of the study's mechanisms.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate`.
  func check<Payload: ParameterGroup>(_ update: borrowing ModelUpdate<Payload>) throws(ConsiliumError)

  /// Changes the combined update at the coordinator.
  func atCoordinator<Payload: ParameterGroup>(_ aggregate: inout Aggregate<Payload>, in context: RoundContext)
    throws
}

extension UpdateMechanism {
  public func check<Payload: ParameterGroup>(_ update: borrowing ModelUpdate<Payload>) throws(ConsiliumError)
  {
  }

  public func atCoordinator<Payload: ParameterGroup>(
    _ aggregate: inout Aggregate<Payload>, in context: RoundContext
  ) {}
}

/// The data that a mechanism has at a site: the site's name, the round and a source of noise.
public struct SiteContext: Sendable {
  public var site: SiteID
  public var round: Int
  /// The source of noise: the system's generator in an agent, a seeded generator in a simulation.
  public var noise: NoiseSource

  public init(site: SiteID, round: Int, noise: NoiseSource) {
    self.site = site
    self.round = round
    self.noise = noise
  }
}

/// The data that a mechanism has at the coordinator: the round and a source of noise.
public struct RoundContext: Sendable {
  public var round: Int
  public var noise: NoiseSource

  public init(round: Int, noise: NoiseSource) {
    self.round = round
    self.noise = noise
  }
}

/// How much a release may reveal about any one patient.
public enum PrivacyCost: Sendable, Equatable, Comparable {
  /// The release reveals nothing about a patient that has not already been released.
  case zero
  /// No bound is known for what the release reveals about a patient.
  case unbounded
}

/// A mechanism that changes nothing and limits nothing.
public struct NoMechanism: UpdateMechanism, Equatable {
  public init() {}

  public func atSite<Payload: ParameterGroup>(_ update: inout ModelUpdate<Payload>, in context: SiteContext)
    -> PrivacyCost
  { .unbounded }
}
