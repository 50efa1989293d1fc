import FederatedCore
import FederatedRuntime
import Foundation

extension SiteReadiness {
  /// Creates a site's readiness report with the facts about its machine, before its data are read.
  ///
  /// - Parameter folder: a folder on the disk for the study's files.
  init(of site: SiteID, freeDiskOf folder: URL, clockSkew: Double) {
    let attributes = try? FileManager.default.attributesOfFileSystem(
      forPath: folder.path(percentEncoded: false))
    self.init(
      site: site, freeDisk: (attributes?[.systemFreeSize] as? NSNumber)?.intValue ?? 0,
      memory: Int(ProcessInfo.processInfo.physicalMemory), clockSkew: clockSkew)
  }
}
