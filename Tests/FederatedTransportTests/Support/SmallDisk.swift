import Foundation

/// A small file system in memory. Requires permission to mount one.
enum SmallDisk {
  static let isPossible = geteuid() == 0

  static func with(megabytes: Int, _ body: (URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "consilium-disk-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { rmdir(folder.path) }
    guard mount("tmpfs", folder.path, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
      // In a container, even root may not be allowed to mount. Elsewhere, a limit on the file size produces
      // the same errors.
      return
    }
    defer { umount2(folder.path, Int32(MNT_DETACH)) }
    try await body(folder)
  }
}
