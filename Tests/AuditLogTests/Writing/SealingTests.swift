import Credentials
import FederatedCore
import Foundation
import StudyAgreement
import Synchronization
import Testing

@testable import AuditLog

@Suite struct SealingTests {
  @Test func sealsAreAtLeastAsFrequentAsTheLogRequires() async throws {
    let test = try TestLog()
    let log = try test.open(sealing: test.sealing(every: 3))
    try await log.append((1...7).map(test.record), at: now)
    let isSeal = try test.entries().map { $0.action == .logSealed }
    #expect(isSeal == [false, true, false, false, false, true, false, false, false, true, false])
    let found = try test.verify()
    #expect(found.isWhole)
    #expect(found.sealCount == 3)
    #expect(found.sealedThrough == 9)
    #expect(found.owner == test.party)
    #expect(found.log == log.id)
    #expect(found.notes == ["the last entry has no seal yet"])

    try await log.seal(at: now)
    try await log.seal(at: now)
    #expect(try test.verify().sealedThrough == 11)
    #expect(try test.lines().count == 12)
  }

  @Test func reopenedLogKeepsItsSealInterval() async throws {
    let test = try TestLog()
    for start in 0..<5 {
      let log = try test.open(sealing: test.sealing(every: start == 0 ? 3 : 100))
      try await log.append(test.record(start), at: now)
    }
    #expect(try test.faults() == [])
    #expect(throws: ConsiliumError.self) { try test.open(sealing: nil) }
  }

  @Test func failedSealDoesNotRejectEntries() async throws {
    let test = try TestLog()
    let isBroken = Mutex(false)
    let owner = test.owner
    let log = try test.open(
      sealing: Sealing(every: 2) { (data, time) throws(ConsiliumError) in
        if isBroken.withLock({ $0 }) { throw ConsiliumError(.unavailable, "the key is locked") }
        return try owner.sign(data, at: time)
      })
    isBroken.withLock { $0 = true }
    try await log.append((1...4).map(test.record), at: now)
    #expect(await log.sealingFault?.message == "the key is locked")
    #expect(try test.entries().compactMap(\.subject.round) == [1, 2, 3, 4])
    #expect(try test.faults() == [.unsealed])
    isBroken.withLock { $0 = false }
    try await log.append(test.record(5), at: now)
    #expect(await log.sealingFault == nil)
    #expect(try test.entries().last?.action == .logSealed)
  }

  /// Certificates are short-lived; a log outlives many.
  @Test func sealsWithARenewedCertificateAreValid() async throws {
    let test = try TestLog()
    let renewed = try test.authority.identity(.site, "DU", notBefore: now, notAfter: now + 180 * 86_400)
    let current = Mutex(test.owner)
    let log = try test.open(
      sealing: Sealing(every: 1) { (data, time) throws(ConsiliumError) in
        try current.withLock { $0 }.sign(data, at: time)
      })
    current.withLock { $0 = renewed }
    try await log.append(test.record(1), at: now + 150 * 86_400)
    #expect(try test.faults() == [])
  }

  @Test func sealsOfOthersAreInvalid() async throws {
    let test = try TestLog()
    let other = try test.authority.identity(.site, "HT", notBefore: now - 3600, notAfter: now + 86_400)
    _ = try test.open(
      sealing: Sealing { (data, time) throws(ConsiliumError) in try other.sign(data, at: time) })
    let found = try test.verify()
    #expect(found.faults.map(\.kind) == [.wrongSeal, .unsealed])
    #expect(found.faults[0].message == "the seal was made by site/HT, but the log belongs to site/DU")
  }

  @Test func sealsOfAnotherAuthorityAreInvalid() async throws {
    let test = try TestLog()
    let impostor = try test.authority.impostor().identity(
      .site, "DU", notBefore: now - 3600, notAfter: now + 86_400)
    _ = try test.open(
      sealing: Sealing { (data, time) throws(ConsiliumError) in try impostor.sign(data, at: time) })
    let found = try test.verify()
    #expect(found.faults.map(\.kind) == [.wrongSeal, .unsealed])
    #expect(found.faults[0].message.contains("was not issued by the authority of 'test'"))
    // Without the authority, nobody can check who signed the seals, and the result says so.
    let alone = try AuditVerifier().verify(test.file)
    #expect(alone.isWhole)
    #expect(alone.notes.contains { $0.contains("give its authority") })
  }

  @Test func sealsWithAStolenKeyAreInvalid() async throws {
    let test = try TestLog()
    try await test.write(1, sealing: test.sealing())
    let list = try test.authority.revoking([test.owner], reason: .compromised, at: now + 86_400)
    let found = try test.verify(with: try test.authority.authority.updated(with: list))
    #expect(found.faults.first?.kind == .wrongSeal)
    #expect(found.faults.first?.message.contains("revoked") == true)
  }
}
