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

  /// Opens a conversation of frames about an assignment, and runs `body` with it.
  ///
  /// If the link breaks, or a ``BrokenConversation`` is thrown, `body` runs again from its beginning with a new
  /// conversation, so it must give the same result each time.
  ///
  /// - Throws: The error of `body`, or ``ConsiliumError`` with code `.unavailable` if the assignment was
  ///   withdrawn.
  func converse<Result: Sendable>(
    about assignment: Assignment, from site: SiteID,
    _ body: @escaping @Sendable (@escaping FrameExchange) async throws -> Result
  ) async throws -> Result
}

extension SiteTransport {
  public func converse<Result: Sendable>(
    about assignment: Assignment, from site: SiteID,
    _ body: @escaping @Sendable (@escaping FrameExchange) async throws -> Result
  ) async throws -> Result {
    throw ConsiliumError(
      .invalidInput,
      "this connection cannot carry the frames of a question of the kind '\(assignment.message.kind)'")
  }
}
