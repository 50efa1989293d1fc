/// One of the two questions of federated statistics. Both ask about the items that the study declares, in the
/// same order.
public enum StatisticsQuestion: Sendable, Codable, Equatable {
  /// Asks for the range of the values of each item, without counts.
  case ranges
  /// Asks for the number of patients in each cell. There is one grid per item; `nil` stands for an item with
  /// classes, or for an item of which no site reported a range.
  case counts([StatisticsGrid?])
}
