import FederatedCore
import Foundation
import Synchronization
import Testing

@testable import AuditLog

@Suite struct FullDiskTests {
  /// A disk with room for a limited number of further bytes. Like a real disk, it writes as many bytes as
  /// fit.
  private final class Disk: Sendable {
    let room = Mutex(Int.max)

    @Sendable func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int {
      room.withLock { room in
        let count = min(room, bytes.count)
        guard count > 0 else {
          errno = ENOSPC
          return -1
        }
        if room != .max { room -= count }
        return pwrite(descriptor, bytes.baseAddress, count, off_t(offset))
      }
    }
  }

  @Test(arguments: [0, 1, 200, 500]) func nothingIsLostAndTheNextAppendWorks(room: Int) async throws {
    let test = try TestLog()
    let disk = Disk()
    let log = try AuditLog(
      .open(test.file, write: disk.write), owner: test.party, sealing: test.sealing(), at: now)
    try await log.append(test.record(1), at: now)
    let before = try Data(contentsOf: test.file)
    let head = await log.head

    disk.room.withLock { $0 = room }
    let error = await #expect(throws: ConsiliumError.self) {
      try await log.append([test.record(2), test.record(3)], at: now)
    }
    #expect(error?.code == .storage)
    #expect(error?.message.hasPrefix("the disk is full: ") == true)
    #expect(try Data(contentsOf: test.file) == before)
    #expect(await log.head == head)

    disk.room.withLock { $0 = .max }
    try await log.append([test.record(2), test.record(3)], at: now)
    #expect(try test.faults() == [])
    #expect(try test.entries().compactMap(\.subject.round) == [1, 2, 3])
  }

  @Test func removalOfTheFileIsNoticed() async throws {
    let test = try TestLog()
    let log = try test.open(sealing: nil)
    try FileManager.default.moveItem(at: test.file, to: test.folder.appending(path: "audit.log.1"))
    try FileManager.default.removeItem(at: test.folder.appending(path: "audit.log.1"))
    let error = await #expect(throws: ConsiliumError.self) { try await log.append(test.record(1), at: now) }
    #expect(error?.message.contains("was removed by another program") == true)
  }

  @Test func changeByAnotherProgramIsNoticed() async throws {
    let test = try TestLog()
    let log = try test.open(sealing: nil)
    let handle = try FileHandle(forWritingTo: test.file)
    try handle.seekToEnd()
    try handle.write(contentsOf: Data("x".utf8))
    let error = await #expect(throws: ConsiliumError.self) { try await log.append(test.record(1), at: now) }
    #expect(error?.message.contains("was changed by another program") == true)
  }
}
