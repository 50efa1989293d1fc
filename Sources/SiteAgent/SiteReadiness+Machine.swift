import FederatedCore
import FederatedRuntime
import Foundation

extension SiteReadiness {
  /// What is known of a site before its data are read: its machine.
  ///
  /// - Parameter folder: on the disk that the study's files go to.
  init(of site: SiteID, freeDiskOf folder: URL, clockSkew: Double) {
    let attributes = try? FileManager.default.attributesOfFileSystem(
      forPath: folder.path(percentEncoded: false))
    self.init(
      site: site, freeDisk: (attributes?[.systemFreeSize] as? NSNumber)?.intValue ?? 0,
      memory: Int(ProcessInfo.processInfo.physicalMemory), clockSkew: clockSkew)
  }
}
