import Credentials
import FederatedCore
import Foundation

/// The contents of a log's first entry: its owner, its id, and how often it is sealed.
struct AuditGenesis: Sendable, Equatable {
  static let version = "1"

  var owner: Party
  var id: String
  /// The maximum number of entries without a seal; `nil` for a log without seals.
  var sealEvery: Int?

  static func record(id: String, owner: Party, sealing: Sealing?) -> AuditRecord {
    AuditRecord(
      .logOpened, by: owner,
      details: [
        AuditDetail.log: id, AuditDetail.version: version,
        AuditDetail.sealEvery: sealing.map { String($0.every) } ?? "never",
      ])
  }

  /// Reads the contents of an entry. Returns `nil` if `entry` is not the first of a log.
  init?(_ entry: AuditEntry) {
    guard entry.action == .logOpened, entry.sequence == 1, entry.previous == AuditEntry.noHash,
      let id = entry.details[AuditDetail.log], let every = entry.details[AuditDetail.sealEvery],
      every == "never" || Int(every) != nil
    else { return nil }
    owner = entry.actor
    self.id = id
    sealEvery = Int(every)
  }

  /// Reads the first line of a log.
  ///
  /// - Throws: ``ConsiliumError``: `.storage` if the line is damaged, `.invalidInput` if the log belongs to
  ///   someone else.
  init(of file: borrowing AppendFile, owner: Party) throws(ConsiliumError) {
    let start = try file.read(0..<min(file.size, AuditEntryLine.longest))
    guard let content = AuditEntryLine.decode(start.prefix { $0 != 0x0A }), content.isIntact,
      let genesis = Self(content.entry)
    else {
      throw ConsiliumError(
        .storage,
        "the first entry of '\(file.url.path)' is damaged; keep the file as evidence under another name, and start again with a "
          + "new log")
    }
    guard genesis.owner == owner else {
      throw ConsiliumError(
        .invalidInput, "'\(file.url.path)' is the log of \(genesis.owner), not of \(owner); name another file"
      )
    }
    self = genesis
  }

  /// Returns the given sealing, changed so that it seals at least as often as the log's first entry requires.
  func sealing(_ sealing: Sealing?, file: URL) throws(ConsiliumError) -> Sealing? {
    guard var sealing, let sealEvery else {
      if sealing == nil, sealEvery != nil {
        throw ConsiliumError(
          .invalidInput,
          "'\(file.path)' is sealed by its owner; it can only be continued with the owner's key")
      }
      return sealing
    }
    sealing.every = min(sealing.every, max(1, sealEvery))
    return sealing
  }
}
