import Credentials
import FederatedCore
import Foundation
import StudyAgreement

/// Entries that are written together, with the seals that become due among them.
struct AuditBatch {
  private let log: String
  private let owner: Party
  private let sealing: Sealing?
  /// The number and the hash of the last entry; `nil` before the first entry.
  private(set) var head: AuditAnchor?
  /// The number of entries since the last seal.
  private(set) var unsealed: Int
  /// The error that prevented a seal that was due; `nil` if there was none.
  private(set) var sealingFault: ConsiliumError?
  /// The encoded lines.
  private(set) var bytes = Data()

  init(log: String, owner: Party, head: AuditAnchor?, unsealed: Int, sealing: Sealing?) {
    self.log = log
    self.owner = owner
    self.head = head
    self.unsealed = unsealed
    self.sealing = sealing
  }

  /// Adds an entry, and a seal if one is due. A failure to seal does not keep the entry out.
  mutating func add(_ record: AuditRecord, at time: Date) throws(ConsiliumError) {
    try put(AuditEntry(record, at: time, after: head))
    unsealed += 1
    guard let sealing, unsealed >= sealing.every else { return }
    do throws(ConsiliumError) {
      try seal(at: time)
    } catch {
      sealingFault = error
    }
  }

  mutating func seal(at time: Date) throws(ConsiliumError) {
    guard let sealing, let head, unsealed > 0 else { return }
    let signature = try sealing.sign(Sealing.statement(log: log, head: head), time)
    try put(AuditEntry(AuditRecord(.logSealed, by: owner), at: time, after: head, seal: signature))
    (unsealed, sealingFault) = (0, nil)
  }

  private mutating func put(_ entry: AuditEntry) throws(ConsiliumError) {
    let (entry, line) = try AuditEntryLine.encode(entry)
    bytes += line
    head = entry.anchor
  }
}
