import Credentials
import CredentialsTesting
import FederatedCore
import Foundation
import StudyAgreement
import Testing

@Suite struct StudyMandateTests {
  private let consortium: Consortium

  init() throws { consortium = try Consortium() }

  private func start(
    of proposal: StudyProposal, by role: Role = .lead, at time: Date = now, until: Date? = nil
  ) throws -> SignedStart {
    let identity = try consortium.tests.identity(
      role, "someone", notBefore: now - 86_400, notAfter: now + 90 * 86_400)
    let statement = StartStatement(
      study: proposal.digest, proposal: try proposal.statement.digest(), time: time, until: until)
    return try Signed(statement) { (data) throws(ConsiliumError) in try identity.sign(data, at: now) }
  }

  @Test func signaturesAndStartAreAMandate() throws {
    let agreement = try consortium.agreement(["A", "B"])
    let start = try start(of: agreement.proposal)
    let mandate = StudyMandate(decisions: agreement.decisions, start: start)
    #expect(try mandate.verify(for: agreement.proposal, by: consortium.authority, at: now) == start)
    #expect(try CanonicalJSON.decode(StudyMandate.self, from: CanonicalJSON.encode(mandate)) == mandate)
    #expect(start.statement.until == now + 366 * 86_400)
  }

  @Test func withdrawnSiteEndsTheMandate() throws {
    var agreement = try consortium.agreement(["A", "B"])
    agreement.add(try consortium.decision("B", on: agreement.proposal, declines: "no time", revision: 2))
    let mandate = StudyMandate(
      decisions: agreement.decisions, start: try start(of: agreement.proposal))
    let error = #expect(throws: ConsiliumError.self) {
      try mandate.verify(for: agreement.proposal, by: consortium.authority, at: now)
    }
    #expect(error?.message.contains("no valid signature of the required site 'B'") == true)
  }

  @Test(arguments: [Role.site, .coordinator, .operator, .observer]) func onlyALeadStarts(role: Role) throws {
    let agreement = try consortium.agreement(["A", "B"])
    let mandate = StudyMandate(
      decisions: agreement.decisions, start: try start(of: agreement.proposal, by: role))
    let error = #expect(throws: ConsiliumError.self) {
      try mandate.verify(for: agreement.proposal, by: consortium.authority, at: now)
    }
    #expect(error?.message.contains("expected a lead") == true)
  }

  @Test func startEndsAtItsDate() throws {
    let agreement = try consortium.agreement(["A", "B"])
    let start = try start(of: agreement.proposal, until: now + 60)
    try start.verify(for: agreement.proposal, by: consortium.authority, at: now + 59)
    #expect(throws: ConsiliumError.self) {
      try start.verify(for: agreement.proposal, by: consortium.authority, at: now + 60)
    }
  }
}
