/// A site's connection to the coordinator, over a link that the site opens.
///
/// `SiteTransportLaws` in FederatedTesting checks the laws that every transport must obey.
public protocol SiteTransport: Sendable {
  /// Waits for the site's next assignment and returns it, or `nil` if the arm has ended.
  ///
  /// The assignment stays the same until it is answered or withdrawn, so a site that lost it can ask again.
  func nextAssignment(for site: SiteID) async throws -> Assignment?

  /// Submits an answer. Repeated and late answers are ignored.
  func submit(_ answer: StageAnswer, to assignment: Assignment, from site: SiteID) async throws
}
