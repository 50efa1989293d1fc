import Credentials
import CredentialsTesting
import FederatedCore
import Foundation
import StudyAgreement
import StudyProtocol
import Testing

@Suite struct StudyAgreementTests {
  private let consortium: Consortium

  init() throws { consortium = try Consortium() }

  private func review(_ agreement: StudyAgreement) throws -> AgreementReview {
    try agreement.review(by: consortium.authority, at: now)
  }

  @Test(arguments: [
    (["A", "B", "C"], [], true), (["A", "B"], [], true), (["A", "C"], ["B"], false),
    (["C"], ["A", "B"], false),
    ([], ["A", "B"], false),
  ])
  func completeWhereTheRequiredSitesSigned(signed: [String], missing: [String], isComplete: Bool) throws {
    let review = try review(consortium.agreement(signed))
    #expect(review.signed.keys.map(\.rawValue).sorted() == signed)
    #expect(review.missing.map(\.rawValue) == missing)
    #expect(review.isComplete == isComplete)
    #expect(review.faults == [])
  }

  @Test func agreementNeedsTheMinimumNumberOfSites() throws {
    let proposal = try consortium.proposal(studyText.replacing("minimum: 2", with: "minimum: 3"))
    var agreement = StudyAgreement(
      proposal,
      decisions: [try consortium.decision("A", on: proposal), try consortium.decision("B", on: proposal)])
    #expect(try !review(agreement).isComplete)
    agreement.add(try consortium.decision("C", on: proposal))
    #expect(try review(agreement).isComplete)
  }

  @Test func reviewKeepsTheReasonForDeclining() throws {
    var agreement = try consortium.agreement(["A"])
    agreement.add(try consortium.decision("B", on: agreement.proposal, declines: "too few patients"))
    let review = try review(agreement)
    #expect(review.declined == [SiteID("B"): "too few patients"])
    #expect(review.missing == [SiteID("B")])
  }

  @Test func anAmendedStudyNeedsNewSignatures() throws {
    let agreement = try consortium.agreement()
    let amended = try consortium.proposal(studyText.replacing("rounds: 5", with: "rounds: 6"))
    let old = StudyAgreement(amended, decisions: agreement.decisions)
    let review = try review(old)
    #expect(review.missing.map(\.rawValue) == ["A", "B"])
    #expect(review.faults.count == 3)
    #expect(review.faults[0].message.contains("an amended study needs new signatures"))

    let study = try Study(yaml: amended.text)
    #expect(
      try agreement.missing(for: study, by: consortium.authority, at: now).map(\.rawValue) == ["A", "B"])
    let same = try Study(yaml: studyText)
    #expect(try agreement.missing(for: same, by: consortium.authority, at: now) == [])
  }

  @Test func theSameStudyForOtherSitesNeedsNewSignatures() throws {
    let agreement = try consortium.agreement()
    let other = StudyAgreement(try consortium.proposal(invited: ["A", "B"]), decisions: agreement.decisions)
    let review = try review(other)
    #expect(review.signed.isEmpty)
    #expect(review.faults.allSatisfy { $0.message.contains("another proposal of this study") })
  }

  @Test func aSiteMayChangeItsMind() throws {
    var agreement = try consortium.agreement()
    agreement.add(try consortium.decision("B", on: agreement.proposal, declines: "withdrawn", revision: 2))
    #expect(try review(agreement).missing == [SiteID("B")])
    agreement.add(try consortium.decision("B", on: agreement.proposal, revision: 3))
    #expect(try review(agreement).isComplete)
    // Receiving an old decision again changes nothing.
    let count = agreement.decisions.count
    agreement.add(agreement.decisions[0])
    #expect(agreement.decisions.count == count)
  }

  @Test func contradictingDecisionsAreIgnored() throws {
    var agreement = try consortium.agreement()
    agreement.add(try consortium.decision("B", on: agreement.proposal, declines: "no"))
    let review = try review(agreement)
    #expect(review.missing == [SiteID("B")])
    #expect(review.declined == [:])
    #expect(review.faults.map(\.site) == [SiteID("B")])
    #expect(review.faults[0].message.contains("contradicting decisions under number 1"))
  }

  @Test(arguments: [Int.min, 0, 1_000_001, Int.max]) func decisionNumberOutOfRangeIsInvalid(revision: Int)
    throws
  {
    var agreement = try consortium.agreement(["A"])
    agreement.add(try consortium.decision("B", on: agreement.proposal, revision: revision))
    agreement.add(try consortium.decision("B", on: agreement.proposal, declines: "no", revision: revision))
    let review = try review(agreement)
    #expect(review.missing == [SiteID("B")])
    #expect(review.declined == [:])
    let fault = "the decision has the number \(revision); expected 1 to 1000000"
    #expect(review.faults.map(\.message) == [fault, fault])
  }

  @Test func nobodySignsForASite() throws {
    let proposal = try consortium.proposal()
    let others = [consortium.lead, consortium.coordinator, try #require(consortium.sites[SiteID("A")])]
    for other in others {
      let review = try review(
        StudyAgreement(proposal, decisions: [try consortium.decision("B", on: proposal, by: other)]))
      #expect(review.signed.isEmpty)
      #expect(review.faults.map(\.message) == ["it was signed by \(other.party); expected site/B"])
    }
    let impostor = try consortium.tests.impostor().identity(
      .site, "B", notBefore: now - 3600, notAfter: now + 3600)
    let forged = try review(
      StudyAgreement(proposal, decisions: [try consortium.decision("B", on: proposal, by: impostor)]))
    #expect(forged.faults[0].message.contains("was not issued by the authority"))
  }

  @Test func forgedOrUninvitedDecisionIsInvalid() throws {
    let proposal = try consortium.proposal(invited: ["A", "B"])
    var forged = try consortium.decision("A", on: proposal, declines: "no")
    forged.statement.verdict = .signed
    forged.statement.reason = nil
    let uninvited = try consortium.decision("C", on: proposal)
    let review = try review(StudyAgreement(proposal, decisions: [forged, uninvited]))
    #expect(review.signed.isEmpty)
    #expect(review.faults.count == 2)
    #expect(review.faults[1].message == "the site was not invited")
  }

  @Test func signatureOutlivesExpiryButNotCompromise() throws {
    let agreement = try consortium.agreement()
    let later = now + 365 * 86_400
    #expect(try agreement.review(by: consortium.authority, at: later).isComplete)
    let site = try #require(consortium.sites[SiteID("A")])
    for (reason, missing) in [(RevocationList.Reason.compromised, [SiteID("A")]), (.replaced, [])] {
      let list = try consortium.tests.revoking([site], reason: reason, at: now + 86_400)
      let authority = try consortium.authority.updated(with: list)
      #expect(try agreement.review(by: authority, at: later).missing == missing)
    }
  }
}
