/// How a site reaches the coordinator, over a link that the site opens.
///
/// `SiteTransportLaws` in FederatedTesting holds what every transport obeys.
public protocol SiteTransport: Sendable {
  /// The site's next assignment, when there is one; `nil` if the study has ended.
  ///
  /// Until it is answered or withdrawn it stays the same, so a site that lost one asks again.
  func nextAssignment(for site: SiteID) async throws -> Assignment?

  /// Submits an answer. Repeated and late answers are ignored.
  func submit(_ answer: StageAnswer, to assignment: Assignment, from site: SiteID) async throws
}
