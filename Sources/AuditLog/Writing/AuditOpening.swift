import Credentials
import FederatedCore
import Foundation
import StudyAgreement

/// The state of a log when it is opened. Begins a new log, or repairs the end of an existing one.
struct AuditOpening {
  var id: String
  var head: AuditAnchor
  var unsealed: Int
  /// The sealing that the log's first entry requires.
  var sealing: Sealing?

  init(
    of file: inout AppendFile, owner: Party, sealing: Sealing?, at time: Date, newID: UUID
  ) throws(ConsiliumError) {
    let tail = try AuditTail.find(in: file)
    let torn = try TornLine(after: tail.size, in: file)
    var batch: AuditBatch
    if let last = tail.last {
      let genesis = try AuditGenesis(of: file, owner: owner)
      id = genesis.id
      self.sealing = try genesis.sealing(sealing, file: file.url)
      // Counting the unsealed entries would mean searching the log, so seal with the next entry.
      batch = AuditBatch(
        log: id, owner: owner, head: last.anchor, unsealed: self.sealing?.every ?? 0, sealing: self.sealing)
    } else {
      id = newID.uuidString.lowercased()
      self.sealing = sealing
      batch = AuditBatch(log: id, owner: owner, head: nil, unsealed: 0, sealing: sealing)
      try batch.add(AuditGenesis.record(id: id, owner: owner, sealing: sealing), at: time)
    }
    if let torn { try batch.add(torn.record(by: owner), at: time) }
    if tail.last == nil { try batch.seal(at: time) }
    if torn != nil { try file.cut(to: tail.size) }
    if !batch.bytes.isEmpty { try file.append(batch.bytes, durable: true) }
    guard let head = batch.head else {
      throw ConsiliumError(.storage, "'\(file.url.path)' has no entry")
    }
    self.head = head
    unsealed = batch.unsealed
  }
}

/// The remains of a line that a crash interrupted.
private struct TornLine {
  var size: Int
  var hash: String

  init?(after end: Int, in file: borrowing AppendFile) throws(ConsiliumError) {
    guard end < file.size else { return nil }
    let bytes = try file.read(end..<file.size)
    (size, hash) = (bytes.count, Fingerprint.of(bytes))
  }

  func record(by owner: Party) -> AuditRecord {
    AuditRecord(
      .logRepaired, by: owner, details: [AuditDetail.bytes: String(size), AuditDetail.sha256: hash])
  }
}
