import FederatedCore
import FederatedRuntime
import Foundation
import TestSupport
import Testing

@testable import RunStore

/// Needs a small separate file system, which only root may mount.
@Suite(.enabled(if: getuid() == 0 && FullDisk.canMount, "mounting a file system needs root"))
struct FullDiskTests {
  @Test func nothingIsLostOnAFullDisk() async throws {
    try await withTemporaryFolder { folder in
      try #require(FullDisk.mount(folder))
      defer { FullDisk.unmount(folder) }
      let run = folder.appending(path: "run")
      do {
        let store = try RunStore(run, for: RunFixture.definition(), resume: false)
        try await store.commit(RunFixture.checkpoint(round: 1))
        try FullDisk.fill(folder)
        let error = await #expect(throws: ConsiliumError.self) { try await commitLargeRounds(to: store) }
        #expect(error?.code == .storage)
        #expect(error?.message.contains("disk is full") == true && error?.message.contains("run/") == true)
        #expect(try await store.lastCheckpoint(of: "fedavg") == RunFixture.checkpoint(round: 1))
      }
      try FileManager.default.removeItem(at: folder.appending(path: "filler"))
      let store = try RunStore(run, for: RunFixture.definition(), resume: true)
      try await store.commit(RunFixture.checkpoint(round: 2))
      #expect(try await store.lastCheckpoint(of: "fedavg") == RunFixture.checkpoint(round: 2))
    }
  }

  /// Whatever a disk still takes, a run that cannot be begun begins once there is space.
  @Test func runBeginsOnceThereIsSpace() async throws {
    try await withTemporaryFolder { folder in
      try #require(FullDisk.mount(folder))
      defer { FullDisk.unmount(folder) }
      let run = folder.appending(path: "run")
      var refusals = 0
      for pages in stride(from: 0, through: 48, by: 3) {
        try FullDisk.fill(folder, leaving: pages)
        do {
          try await RunStore(run, for: RunFixture.definition(), resume: true).close()
        } catch let error as ConsiliumError {
          refusals += 1
          #expect(error.code == .storage && error.message.contains("full"), "\(pages): \(error)")
        }
        try FileManager.default.removeItem(at: folder.appending(path: "filler"))
        let store = try RunStore(run, for: RunFixture.definition(), resume: true)
        try await store.commit(RunFixture.checkpoint(round: 1))
        try await store.close()
        try FileManager.default.removeItem(at: run)
      }
      #expect(refusals > 5)
    }
  }

  private func commitLargeRounds(to store: RunStore) async throws {
    var checkpoint = RunFixture.checkpoint(round: 2)
    let layout = ParameterLayout(entries: [.init(name: "weight", shape: [200_000])])
    checkpoint.model = ModelParameters.zeros(layout)
    checkpoint.record.modelDigest = ""
    try await store.commit(checkpoint)
  }
}

private enum FullDisk {
  static var canMount: Bool { access("/proc/self/ns/mnt", R_OK) == 0 && access("/bin/mount", X_OK) == 0 }

  static func mount(_ folder: URL) -> Bool {
    Self.run("/bin/mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.path(percentEncoded: false))
  }

  static func unmount(_ folder: URL) { _ = Self.run("/bin/umount", folder.path(percentEncoded: false)) }

  /// Leaves a few pages: enough to begin a file, too few to finish one.
  static func fill(_ folder: URL, leaving pages: Int = 8) throws {
    let path = folder.appending(path: "filler").path(percentEncoded: false)
    let descriptor = open(path, O_WRONLY | O_CREAT, 0o644)
    defer { close(descriptor) }
    let page = [UInt8](repeating: 1, count: 4096)
    var size = 0
    while write(descriptor, page, page.count) == page.count { size += page.count }
    ftruncate(descriptor, off_t(max(0, size - pages * page.count)))
  }

  private static func run(_ program: String, _ arguments: String...) -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
