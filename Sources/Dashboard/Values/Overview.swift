import Foundation

/// What the first page shows.
public struct Overview: Sendable, Equatable {
  /// The consortium's name.
  public var consortium: String
  /// In the order in which they are listed.
  public var studies: [StudyLine]
  public var sites: [SiteLine]
  /// When this was so, by the coordinator's clock.
  public var time: Date

  public init(consortium: String, studies: [StudyLine], sites: [SiteLine], time: Date) {
    self.consortium = consortium
    self.studies = studies
    self.sites = sites
    self.time = time
  }
}
