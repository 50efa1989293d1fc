import Foundation

/// A file system in memory that is soon full; needs the right to mount one.
enum SmallDisk {
  static let isPossible = geteuid() == 0

  static func with(megabytes: Int, _ body: (URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "consilium-disk-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { rmdir(folder.path) }
    guard mount("tmpfs", folder.path, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
      // Root in a container may not mount; the same errors are met with a limit on files elsewhere.
      return
    }
    defer { umount2(folder.path, Int32(MNT_DETACH)) }
    try await body(folder)
  }
}
