import FederatedCore
import Foundation
import Testing

@testable import AuditLog

@Suite struct AuditReaderTests {
  @Test func aReaderFollowsAWriter() async throws {
    let test = try TestLog()
    let log = try test.open(sealing: nil)
    var reader = try AuditReader(test.folder)
    #expect(try reader.next()?.entry?.sequence == 1)
    #expect(try reader.next() == nil)
    for number in 1...3 {
      try await log.append(test.record(number), at: now)
      #expect(try reader.next()?.entry?.subject.round == number)
      #expect(try reader.next() == nil)
    }
  }

  @Test func unfinishedLineIsNotReturned() async throws {
    let test = try TestLog()
    let lines = try await test.write(1, sealing: nil).map { Data($0.utf8) }
    let half = lines[1].count / 2
    try test.put(lines[0] + lines[1].prefix(half))
    var reader = try AuditReader(test.file)
    #expect(try reader.next()?.number == 1)
    #expect(try reader.next() == nil)
    #expect(try reader.next() == nil)
    let handle = try FileHandle(forWritingTo: test.file)
    try handle.seekToEnd()
    try handle.write(contentsOf: lines[1].dropFirst(half))
    let line = try #require(try reader.next())
    #expect(line.number == 2)
    #expect(line.isIntact)
  }

  @Test func linesOfAnyLengthAreReadInLittleMemory() throws {
    let test = try TestLog()
    let lengths = [
      0, 1, 65_535, 65_536, 65_537, AuditEntryLine.longest, AuditEntryLine.longest + 1, 5 << 20, 3,
    ]
    try test.put(lengths.map { String(repeating: "x", count: $0) + "\n" }.joined())
    var reader = try LineReader(test.file)
    var found: [Int?] = []
    while let line = try reader.next() { found.append(line.bytes?.count) }
    #expect(found == lengths.map { $0 > AuditEntryLine.longest ? nil : $0 })
    #expect(reader.unfinished == 0)
  }

  @Test func missingLogIsInvalidInput() {
    let error = #expect(throws: ConsiliumError.self) {
      _ = try AuditReader(URL(filePath: "/nowhere/audit.log"))
    }
    #expect(error?.code == .invalidInput)
  }
}
