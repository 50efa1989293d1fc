import Credentials
import FederatedCore
import Foundation
import StudyAgreement

/// A log of one owner that only grows, in which each entry holds the hash of the one before.
///
/// The file has a line an entry (``AuditReader`` reads it, also while it grows). It tells what was done, by whom, to which study,
/// round and site; a change, loss or exchange of entries is found by ``AuditVerifier``.
public actor AuditLog {
  public nonisolated let file: URL
  public nonisolated let owner: Party
  /// The log's random id, by which its seals are told from those of another log of the same owner.
  public nonisolated let id: String
  /// The last entry's place in the chain.
  public private(set) var head: AuditAnchor
  /// Why the last seal that was due could not be made; nil where it could. Entries are kept all the same.
  public private(set) var sealingFault: ConsiliumError?

  private var output: AppendFile
  private let sealing: Sealing?
  /// The entries since the last seal.
  private var unsealed: Int

  /// Opens a log, or begins one.
  ///
  /// A line that a crash left unfinished is cut off, and an entry says so.
  ///
  /// - Parameters:
  ///   - sealing: how the owner signs the log; nil for a log without seals, which an intruder could write anew.
  ///   - time: now.
  ///   - newID: the id of a log that begins.
  /// - Throws: ``ConsiliumError``: `.unavailable` where another process writes the log, `.invalidInput` where the file is another's
  ///   log or none, `.storage` where it is damaged or cannot be written.
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
  /// - Parameter durable: whether to return only when they survive a crash of the machine; without it, the next durable append or
  ///   seal makes them so.
  /// - Returns: the place of the last one in the chain.
  /// - Throws: ``ConsiliumError`` with code `.storage`, for example where the disk is full; the log is then as before, and a later
  ///   append works once there is space.
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

  /// Signs what is not signed yet; for the end of a service and the end of a study.
  ///
  /// - Throws: what signing throws, or ``ConsiliumError`` with code `.storage`.
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
