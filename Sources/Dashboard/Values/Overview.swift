import Foundation

/// The contents of the dashboard's first page, which lists the studies and the sites.
public struct Overview: Sendable, Equatable {
  /// The consortium's name.
  public var consortium: String
  /// The studies in the order in which the page lists them.
  public var studies: [StudyLine]
  public var sites: [SiteLine]
  /// The time of this overview, by the coordinator's clock.
  public var time: Date

  public init(consortium: String, studies: [StudyLine], sites: [SiteLine], time: Date) {
    self.consortium = consortium
    self.studies = studies
    self.sites = sites
    self.time = time
  }
}
