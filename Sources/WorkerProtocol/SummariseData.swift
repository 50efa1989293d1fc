import FederatedCore

/// Asks for the places of a session's patients in the items of federated statistics.
public struct SummariseData: Sendable, Codable, Equatable {
  /// The session of a single site, opened with a salt.
  public var session: String
  public var question: StatisticsQuestion
  /// The minimum number of patients behind any number that the site's policy lets out. The readiness report
  /// withholds the size of a part of the split with fewer patients. The patients of all these parts are not
  /// counted if they are too few even together.
  public var minimum: Int

  public init(session: String, question: StatisticsQuestion, minimum: Int) {
    self.session = session
    self.question = question
    self.minimum = minimum
  }
}
