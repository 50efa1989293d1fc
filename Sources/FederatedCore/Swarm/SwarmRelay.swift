/// The store of a swarm through which members pass updates and models to each other, by their digest.
///
/// Entries of a register are small and stay; parameters are large and are needed for one round. A relay need
/// not be trusted with the right content: a member computes the digest of everything that it reads. A relay
/// between hospitals seals the parameters for the members before they leave, so that it holds no model that
/// it could read. ``SwarmRelayLaws`` in FederatedTesting checks the laws that every relay must obey.
public protocol SwarmRelay: Sendable {
  /// Stores parameters until somebody removes them. Storing them again changes nothing.
  ///
  /// - Returns: Their digest, in hexadecimal: that of `ParameterDigest` in ParameterFiles.
  /// - Throws: ``ConsiliumError`` with code `.unavailable` if the relay cannot be reached. The same holds for
  ///   all other functions.
  func put(_ parts: NamedParts) async throws -> String

  /// The parameters with this digest; `nil` if the relay does not have them.
  func parts(_ digest: String) async throws -> NamedParts?

  /// Removes parameters that nobody needs any more. Removing them again changes nothing.
  func remove(_ digest: String) async throws
}
