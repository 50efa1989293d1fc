import Credentials
import CredentialsTesting
import Foundation
import Testing

@testable import ConsiliumCommands

@Suite struct DashboardInputTests {
  /// A token is for a person, whose certificate may have another role than the token.
  @Test(arguments: [
    (RevocationList.Reason.left, 1), (.compromised, 1), (.replaced, 0),
  ])
  func sessionsKnowTheRevocationsOfTheirPerson(reason: RevocationList.Reason, count: Int) throws {
    let tests = try TestAuthority()
    let lead = try tests.identity(.lead, "anna")
    let site = try tests.identity(.site, "anna")
    let authority = try tests.authority.updated(with: tests.revoking([lead, site], reason: reason))
    let found = DashboardInput.revocations(of: Party(role: .operator, name: "anna"), in: authority)
    #expect(found.count == count)
    #expect(found.keys.allSatisfy { $0 == lead.certificate.serial })
    #expect(DashboardInput.revocations(of: Party(role: .lead, name: "berta"), in: authority).isEmpty)
    #expect(DashboardInput.revocations(of: lead.party, in: tests.authority).isEmpty)
  }
}
