/// What has changed, so that pages that show it are renewed.
public enum DashboardChange: Hashable, Sendable {
  /// The list of studies or of sites.
  case overview
  /// Something on the page of a study.
  case study(String)
}
