import AuditLog
import Credentials
import CredentialsTesting
import FederatedCore
import FederatedTransport
import Foundation
import Testing

@testable import CoordinatorService

struct RefusedSiteTests {
  /// The agent is restarted after each refusal, which must not fill the log.
  @Test func refusalIsEnteredInTheAuditLogOnce() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "refused-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let authority = try TestAuthority()
    let configuration = CoordinatorConfiguration(folder: folder)
    let service = try CoordinatorService(
      configuration, keeper: IdentityKeeper(try authority.identity(.coordinator, "hub")))
    for _ in 1...3 { await service.refused(SiteID("north"), because: "speaks version 4") }
    await service.refused(SiteID("south"), because: "speaks version 4")
    await service.shutDown()
    let text = try String(contentsOf: folder.appending(path: "audit.log"), encoding: .utf8)
    let lines = text.split(separator: "\n").filter { $0.contains("connection-refused") }
    #expect(lines.count == 2)
    #expect(lines.allSatisfy { $0.contains("speaks version 4") })
  }
}
