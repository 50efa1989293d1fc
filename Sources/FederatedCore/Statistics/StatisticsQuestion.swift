/// One of the two questions of federated statistics. Its items are the items that the study declares, in the
/// same order.
public enum StatisticsQuestion: Sendable, Codable, Equatable {
  /// The range of the values of each item; no counts.
  case ranges
  /// The number of patients in each cell. Has one grid per item, which is `nil` for an item with classes or
  /// if no site reported a range.
  case counts([StatisticsGrid?])
}
