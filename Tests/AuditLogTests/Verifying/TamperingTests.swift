import Credentials
import FederatedCore
import Foundation
import StudyAgreement
import Testing

@testable import AuditLog

/// Every kind of tampering with a log is detected.
@Suite struct TamperingTests {
  @Test func everyChangedByteIsFound() async throws {
    let test = try TestLog()
    let bytes = Data(try await test.write(3, sealing: nil).joined().utf8)
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1 << (index % 8)
      try test.put(changed)
      #expect(try !test.verify().isWhole, "byte \(index)")
    }
  }

  @Test func everyChangedByteOfASealIsFound() async throws {
    let test = try TestLog()
    let lines = try await test.write(0, sealing: test.sealing())
    let (start, seal) = (lines[0].utf8.count, lines[1].utf8.count)
    let bytes = Data(lines.joined().utf8)
    for index in stride(from: start, to: start + seal, by: 3) {
      var changed = bytes
      changed[index] ^= 1 << (index % 7)
      try test.put(changed)
      #expect(try !test.verify().isWhole, "byte \(index)")
    }
  }

  @Test func everyRemovedByteIsFound() async throws {
    let test = try TestLog()
    let bytes = Data(try await test.write(1, sealing: nil).joined().utf8)
    for index in bytes.indices {
      var changed = bytes
      changed.remove(at: index)
      try test.put(changed)
      #expect(try !test.verify().isWhole, "byte \(index)")
    }
  }

  @Test func everyDroppedLineIsFound() async throws {
    let test = try TestLog()
    let lines = try await test.write(6, sealing: test.sealing())
    for index in lines.indices.dropLast() {
      var changed = lines
      changed.remove(at: index)
      try test.put(changed.joined())
      let found = try test.verify()
      #expect(found.faults.contains { $0.kind == .missing && $0.line == index + 1 }, "line \(index + 1)")
    }
  }

  @Test func everyDroppedTailIsFoundByAnAnchor() async throws {
    let test = try TestLog()
    let lines = try await test.write(6, sealing: test.sealing())
    let anchor = try #require(try test.verify().head)
    #expect(try test.faults([anchor]) == [])
    for count in 1..<lines.count {
      try test.put(lines.prefix(count).joined())
      #expect(try test.faults([anchor]).contains(.truncated))
    }
  }

  @Test func everySwapOfTwoLinesIsFound() async throws {
    let test = try TestLog()
    let lines = try await test.write(5, sealing: nil)
    for first in lines.indices {
      for second in lines.indices where second > first {
        var changed = lines
        changed.swapAt(first, second)
        try test.put(changed.joined())
        let kinds = try Set(test.faults())
        #expect(kinds.contains(.reordered), "lines \(first + 1) and \(second + 1)")
        #expect(!kinds.contains(.missing) && !kinds.contains(.changed))
      }
    }
  }

  @Test func everyRepeatedLineIsFound() async throws {
    let test = try TestLog()
    let lines = try await test.write(4, sealing: nil)
    for index in lines.indices {
      for place in (index + 1)...lines.count {
        var changed = lines
        changed.insert(lines[index], at: place)
        try test.put(changed.joined())
        let found = try test.verify()
        #expect(found.faults.map(\.kind) == [.duplicated])
        #expect(found.faults[0].line == place + 1)
      }
    }
  }

  /// An attacker who can write the file but cannot sign rebuilds the chain from one entry onwards.
  @Test func rebuiltChainIsFoundByItsSeals() async throws {
    let test = try TestLog()
    try await test.write(6, sealing: test.sealing())
    let entries = try test.entries()
    for forged in entries.indices where entries[forged].seal == nil {
      var text = ""
      var head: AuditAnchor?
      for (index, entry) in entries.enumerated() {
        var entry = entry
        if index == forged { entry.details["forged"] = "yes" }
        entry.previous = head?.hash ?? AuditEntry.noHash
        let (written, line) = try AuditEntryLine.encode(entry)
        head = written.anchor
        text += String(decoding: line, as: UTF8.self)
      }
      try test.put(text)
      let found = try test.verify()
      #expect(
        !found.faults.isEmpty && found.faults.allSatisfy { $0.kind == .wrongSeal || $0.kind == .unsealed })
      // Removing the seals does not help.
      let withoutSeals = text.split(separator: "\n").filter { !$0.contains("log-sealed") }
      try test.put(withoutSeals.joined(separator: "\n") + "\n")
      #expect(try !test.verify().isWhole)
    }
  }

  @Test func removedSealsAreFound() async throws {
    let test = try TestLog()
    let log = try test.open(sealing: nil)
    try await log.append((1...9).map(test.record), at: now)
    let entries = try test.entries()
    var text = ""
    var head: AuditAnchor?
    for (index, entry) in entries.enumerated() {
      var entry = entry
      if index == 0 { entry.details[AuditDetail.sealEvery] = "4" }
      entry.previous = head?.hash ?? AuditEntry.noHash
      let (written, line) = try AuditEntryLine.encode(entry)
      head = written.anchor
      text += String(decoding: line, as: UTF8.self)
    }
    try test.put(text)
    #expect(try test.faults() == [.unsealed, .unsealed])
    #expect(try test.verify().faults.map(\.line) == [5, nil])
  }

  @Test func anotherLogOfTheOwnerIsNotAccepted() async throws {
    let test = try TestLog()
    try await test.write(3, sealing: test.sealing())
    let anchor = try test.entries()[2].anchor
    try FileManager.default.removeItem(at: test.file)
    try await test.write(3, sealing: test.sealing())
    #expect(try test.faults() == [])
    #expect(try test.faults([anchor]) == [.wrongAnchor])
  }

  @Test func sealFromAnotherLogOfTheOwnerIsInvalid() async throws {
    let test = try TestLog()
    try await test.write(0, sealing: test.sealing())
    let seal = try test.entries()[1].seal
    try FileManager.default.removeItem(at: test.file)
    try await test.write(0, sealing: test.sealing())
    var entries = try test.entries()
    entries[1].seal = seal
    let lines = try entries.map { String(decoding: try AuditEntryLine.encode($0).line, as: UTF8.self) }
    try test.put(lines.joined())
    #expect(try test.faults() == [.wrongSeal, .unsealed])
  }
}
