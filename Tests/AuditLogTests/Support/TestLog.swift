import Credentials
import CredentialsTesting
import FederatedCore
import Foundation
import StudyAgreement
import Testing

@testable import AuditLog

/// A time at which the certificates of the tests are valid.
let now = Date(timeIntervalSince1970: 1_800_000_000)

/// A site with its authority, and logs in a folder that is removed together with this object.
final class TestLog: Sendable {
  let authority: TestAuthority
  let owner: Identity
  let folder: URL

  var file: URL { folder.appending(path: AuditReader.fileName) }
  var party: Party { owner.party }

  init() throws {
    authority = try TestAuthority(notBefore: now - 86_400, notAfter: now + 1000 * 86_400)
    owner = try authority.identity(.site, "DU", notBefore: now - 86_400, notAfter: now + 90 * 86_400)
    folder = FileManager.default.temporaryDirectory.appending(path: "audit-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func sealing(every: Int = 4) -> Sealing {
    Sealing(every: every) { [owner] (data, time) throws(ConsiliumError) in try owner.sign(data, at: time) }
  }

  func open(sealing: Sealing?) throws -> AuditLog {
    try AuditLog(file: file, owner: party, sealing: sealing, at: now)
  }

  func record(_ number: Int) -> AuditRecord {
    AuditRecord(
      .roundCommitted, by: party, of: AuditSubject(study: "lgg", arm: "fedavg", round: number),
      details: ["examples": "\(100 + number)"])
  }

  /// Writes a log with this number of entries in addition to the entries that the log writes itself. Returns
  /// the log's lines with their line feeds.
  @discardableResult
  func write(_ count: Int, sealing: Sealing?) async throws -> [String] {
    let log = try open(sealing: sealing)
    for number in 1...max(1, count) where count > 0 {
      try await log.append(record(number), at: now + Double(number), durable: false)
    }
    try await log.seal(at: now + 100)
    return try lines()
  }

  func lines() throws -> [String] {
    try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { $0 + "\n" }
  }

  func put(_ text: String) throws { try put(Data(text.utf8)) }

  /// Writes the file in place: a temporary file would be slow for the thousands of damaged logs of a test.
  func put(_ data: Data) throws { try data.write(to: file) }

  /// Verifies with the authority, unless the log states that it has no seals.
  func verify(_ anchors: [AuditAnchor] = [], with authority: Authority? = nil) throws -> AuditVerification {
    let beginning = try FileHandle(forReadingFrom: file).read(upToCount: 400) ?? Data()
    let isSealed = beginning.firstRange(of: Data(#""seal-every":"never""#.utf8)) == nil
    let usual = isSealed ? self.authority.authority : nil
    return try AuditVerifier(authority: authority ?? usual, owner: party, anchors: anchors).verify(file)
  }

  /// The kinds of the problems found.
  func faults(_ anchors: [AuditAnchor] = []) throws -> [AuditFault.Kind] {
    try verify(anchors).faults.map(\.kind)
  }

  func entries() throws -> [AuditEntry] {
    var reader = try AuditReader(file)
    var entries: [AuditEntry] = []
    while let line = try reader.next() {
      #expect(line.isIntact)
      if let entry = line.entry { entries.append(entry) }
    }
    return entries
  }
}
