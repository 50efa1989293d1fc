/// A change, after which the pages that show it must be updated.
public enum DashboardChange: Hashable, Sendable {
  /// The list of studies or of sites has changed.
  case overview
  /// The page of a study has changed.
  case study(String)
}
