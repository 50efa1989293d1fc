/// One of the two questions asked for statistics. Items are those that the study declares, in its order.
public enum StatisticsQuestion: Sendable, Codable, Equatable {
  /// The range of the values of each item; no counts.
  case ranges
  /// The number of patients in each cell. There is one grid per item; `nil` for an item with classes, or if
  /// no site reported a range.
  case counts([StatisticsGrid?])
}
