import FederatedCore

/// Asks for the bin of each of a session's patients in each item of federated statistics.
public struct SummariseData: Sendable, Codable, Equatable {
  /// The session of a single site, opened with a salt.
  public var session: String
  public var question: StatisticsQuestion
  /// The minimum number of patients behind any number that the site's policy releases. The readiness report
  /// withholds the size of a set with fewer patients. The patients of all such sets are counted only if
  /// together they reach the minimum.
  public var minimum: Int

  public init(session: String, question: StatisticsQuestion, minimum: Int) {
    self.session = session
    self.question = question
    self.minimum = minimum
  }
}
