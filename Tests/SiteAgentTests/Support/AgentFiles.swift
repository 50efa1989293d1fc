import AuditLog
import Credentials
import CredentialsTesting
import FederatedCore
import Foundation

@testable import SiteAgent

/// An agent's folder with an identity, which exists as long as this value.
final class AgentFiles: Sendable {
  let identity: Identity
  let folder: AgentFolder

  init() throws {
    identity = try TestAuthority().identity(.site, "HT")
    folder = try AgentFolder(
      FileManager.default.temporaryDirectory.appending(path: "agent-\(UUID().uuidString)"))
  }

  deinit { try? FileManager.default.removeItem(at: folder.url) }

  func openLog() throws -> AuditLog {
    try AuditLog(file: folder.auditLog, owner: identity.party, sealing: nil, at: Date())
  }

  /// All entries except the first, which names the owner of the log.
  func entries() throws -> [AuditEntry] {
    var reader = try AuditReader(folder.auditLog)
    var entries: [AuditEntry] = []
    while let line = try reader.next() { if let entry = line.entry { entries.append(entry) } }
    return Array(entries.dropFirst())
  }
}
