/// One of the two questions that statistics take. The items are those that the study declares, in its order.
public enum StatisticsQuestion: Sendable, Codable, Equatable {
  /// Where the values of each item lie; no count.
  case ranges
  /// How many patients are where. One grid for each item; `nil` for an item with classes, or if no site
  /// stated a range.
  case counts([StatisticsGrid?])
}
