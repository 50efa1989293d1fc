import FederatedCore

/// Asks for the places of a session's patients in the items of federated statistics.
public struct SummariseData: Sendable, Codable, Equatable {
  /// The session of a single site, opened with a salt.
  public var session: String
  public var question: StatisticsQuestion
  /// The fewest patients that the site's policy lets out together. The patients of parts of the split with
  /// fewer, which the readiness report withholds, are left out if they are fewer together as well.
  public var minimum: Int

  public init(session: String, question: StatisticsQuestion, minimum: Int) {
    self.session = session
    self.question = question
    self.minimum = minimum
  }
}
