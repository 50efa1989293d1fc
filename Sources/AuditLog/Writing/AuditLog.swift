import Credentials
import FederatedCore
import Foundation
import StudyAgreement

/// An append-only log of one owner, in which each entry contains the hash of the entry before.
///
/// The file has one line per entry. It records what was done, by whom, and to which study, round and site.
/// ``AuditReader`` reads it, even while it grows; ``AuditVerifier`` detects entries that were changed,
/// removed or replaced.
public actor AuditLog {
  public nonisolated let file: URL
  public nonisolated let owner: Party
  /// The log's random id, which distinguishes its seals from the seals of another log of the same owner.
  public nonisolated let id: String
  /// The number and the hash of the last entry.
  public private(set) var head: AuditAnchor
  /// The error that prevented the last seal that was due; `nil` if there was none. Entries are kept even if
  /// sealing fails.
  public private(set) var sealingFault: ConsiliumError?

  private var output: AppendFile
  private let sealing: Sealing?
  /// The number of entries since the last seal.
  private var unsealed: Int

  /// Opens a log, or begins one.
  ///
  /// A line that a crash left unfinished is removed, and an entry records this.
  ///
  /// - Parameters:
  ///   - sealing: the way in which the owner signs the log; `nil` for a log without seals, which an intruder
  ///     could rewrite.
  ///   - time: the current time.
  ///   - newID: the id for a new log.
  /// - Throws: ``ConsiliumError``: `.unavailable` if another process writes the log, `.invalidInput` if the
  ///   file is not a log or belongs to another owner, `.storage` if it is damaged or cannot be written.
  public init(
    file: URL, owner: Party, sealing: Sealing?, at time: Date, newID: UUID = UUID()
  ) throws(ConsiliumError) {
    try self.init(AppendFile.open(file), owner: owner, sealing: sealing, at: time, newID: newID)
  }

  init(
    _ output: consuming AppendFile, owner: Party, sealing: Sealing?, at time: Date, newID: UUID = UUID()
  ) throws(ConsiliumError) {
    file = output.url
    self.owner = owner
    let opening = try AuditOpening(of: &output, owner: owner, sealing: sealing, at: time, newID: newID)
    (id, head, unsealed) = (opening.id, opening.head, opening.unsealed)
    self.sealing = opening.sealing
    self.output = output
  }

  /// Appends entries, all of them or none.
  ///
  /// - Parameter durable: whether to return only when the entries survive a crash of the machine. Otherwise
  ///   they survive a crash only after the next durable append or seal.
  /// - Returns: the number and the hash of the log's last entry, which is the last of these entries or a seal
  ///   after it.
  /// - Throws: ``ConsiliumError`` with code `.storage`, for example if the disk is full. The log then stays
  ///   as it was, and a later append succeeds once there is space.
  @discardableResult
  public func append(_ records: [AuditRecord], at time: Date, durable: Bool = true) throws(ConsiliumError)
    -> AuditAnchor
  {
    guard !records.isEmpty else { return head }
    var batch = AuditBatch(log: id, owner: owner, head: head, unsealed: unsealed, sealing: sealing)
    for record in records { try batch.add(record, at: time) }
    try commit(batch, durable: durable)
    return head
  }

  /// Appends one entry.
  @discardableResult
  public func append(_ record: AuditRecord, at time: Date, durable: Bool = true) throws(ConsiliumError)
    -> AuditAnchor
  {
    try append([record], at: time, durable: durable)
  }

  /// Signs the entries since the last seal. Called when a service or a study ends.
  ///
  /// - Throws: errors of the signing, or ``ConsiliumError`` with code `.storage`.
  public func seal(at time: Date) throws(ConsiliumError) {
    guard sealing != nil, unsealed > 0 else { return }
    var batch = AuditBatch(log: id, owner: owner, head: head, unsealed: unsealed, sealing: sealing)
    try batch.seal(at: time)
    try commit(batch, durable: true)
  }

  private func commit(_ batch: AuditBatch, durable: Bool) throws(ConsiliumError) {
    try output.append(batch.bytes, durable: durable)
    if let last = batch.head { head = last }
    (unsealed, sealingFault) = (batch.unsealed, batch.sealingFault)
  }
}
