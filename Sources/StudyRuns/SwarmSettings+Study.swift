import FederatedCore
import FederatedRuntime
import StudyProtocol

extension SwarmSettings {
  /// The settings of a study's swarm.
  ///
  /// - Parameter sites: The sites that take part. A merger that does not take part cannot merge.
  /// - Throws: ``ConsiliumError`` with code `.partial` if no merger takes part.
  public init(_ study: Study, sites: [SiteID]) throws {
    let swarm = study.federation.swarmOrDefault
    let mergers = swarm.mergers.isEmpty ? sites : swarm.mergers.filter(sites.contains)
    guard !mergers.isEmpty else {
      throw ConsiliumError(
        .partial,
        "none of the sites that may merge takes part: \(swarm.mergers.map(\.rawValue).joined(separator: ", ")) (federation.swarm.mergers)"
      )
    }
    self.init(
      study: try study.digest(), mergers: mergers, witnesses: swarm.witnesses, lease: .seconds(swarm.lease))
  }
}
