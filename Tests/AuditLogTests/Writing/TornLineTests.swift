import Foundation
import Testing

@testable import AuditLog

/// The remains of a crash at the end of a log.
@Suite struct TornLineTests {
  @Test func tornLineIsRemovedAndRecorded() async throws {
    let test = try TestLog()
    let lines = try await test.write(2, sealing: nil).map { Data($0.utf8) }
    let whole = lines[0] + lines[1]
    for length in Array(stride(from: 1, to: lines[2].count, by: 7)) + [lines[2].count - 1] {
      try test.put(whole + lines[2].prefix(length))
      #expect(try test.faults() == [.tornTail])
      let log = try test.open(sealing: nil)
      try await log.append(test.record(9), at: now, durable: false)
      let entries = try test.entries()
      #expect(entries.map(\.kind) == ["log-opened", "round-committed", "log-repaired", "round-committed"])
      #expect(entries[2].details["bytes"] == "\(length)")
      #expect(try test.faults() == [])
    }
  }

  @Test func tornFirstLineStartsANewLog() async throws {
    let test = try TestLog()
    let line = Data(try await test.write(0, sealing: nil)[0].utf8)
    for length in stride(from: 1, to: line.count, by: 9) {
      try test.put(line.prefix(length))
      _ = try test.open(sealing: test.sealing())
      #expect(try test.entries().map(\.kind) == ["log-opened", "log-repaired", "log-sealed"])
      #expect(try test.faults() == [])
    }
  }

  /// After a crash, a file system may show zeros in place of bytes that it did not write, even before bytes
  /// that it did write.
  @Test(arguments: ["", "\n", "{\"entry\":{}\n"]) func zerosAtTheEndAreRemoved(rest: String) async throws {
    let test = try TestLog()
    let lines = try await test.write(2, sealing: nil)
    try test.put(Data(lines.joined().utf8) + Data(count: 4096) + Data(rest.utf8))
    _ = try test.open(sealing: nil)
    #expect(try test.entries().map(\.sequence) == [1, 2, 3, 4])
    #expect(try test.entries().last?.details["bytes"] == "\(4096 + rest.utf8.count)")
    #expect(try test.faults() == [])
  }

  @Test func fileOfZerosStartsANewLog() throws {
    let test = try TestLog()
    try test.put(Data(count: 70_000))
    _ = try test.open(sealing: nil)
    #expect(try test.entries().map(\.kind) == ["log-opened", "log-repaired"])
  }
}
