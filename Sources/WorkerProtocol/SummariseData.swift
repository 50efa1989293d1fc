import FederatedCore

/// Asks for the measurements of a session's patients that answer a question of federated statistics.
public struct SummariseData: Sendable, Codable, Equatable {
  /// The session of a single site, opened with a salt.
  public var session: String
  public var question: StatisticsQuestion
  /// The site's policy releases no number that is based on fewer patients than this. The readiness report
  /// withholds the sizes of smaller sets. The patients of such sets are counted only if together they reach
  /// this minimum.
  public var minimum: Int

  public init(session: String, question: StatisticsQuestion, minimum: Int) {
    self.session = session
    self.question = question
    self.minimum = minimum
  }
}
