/// A kind of change after which browsers must update some pages.
public enum DashboardChange: Hashable, Sendable {
  /// The list of studies or of sites has changed.
  case overview
  /// The page of a study has changed.
  case study(String)
}
