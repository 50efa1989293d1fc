import Credentials
import FederatedCore
import Foundation
import StudyAgreement

/// What a log is found to be when it is opened; begins it, or mends its end, where needed.
struct AuditOpening {
  var id: String
  var head: AuditAnchor
  var unsealed: Int
  /// As the log's first entry allows.
  var sealing: Sealing?

  init(
    of file: inout AppendFile, owner: Party, sealing: Sealing?, at time: Date, newID: UUID
  ) throws(ConsiliumError) {
    let tail = try AuditTail.find(in: file)
    let torn = try TornLine(after: tail.size, in: file)
    var batch: AuditBatch
    if let last = tail.last {
      let genesis = try AuditGenesis(of: file, owner: owner)
      (id, self.sealing) = (genesis.id, try genesis.sealing(sealing, file: file.url))
      // How many entries have no seal yet would take a search, so the next entry is sealed at once.
      batch = AuditBatch(
        log: id, owner: owner, head: last.anchor, unsealed: self.sealing?.every ?? 0, sealing: self.sealing)
    } else {
      (id, self.sealing) = (newID.uuidString.lowercased(), sealing)
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
    (self.head, unsealed) = (head, batch.unsealed)
  }
}

/// What a crash left of a line.
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
