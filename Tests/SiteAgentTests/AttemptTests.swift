import AdversaryTesting
import AuditLog
import FederatedCore
import Foundation
import StudyAgreement
import TestSupport
import Testing

@testable import SiteAgent

/// A coordinator that has lost rounds may ask the questions of these rounds once more, and no others.
struct AttemptTests {
  /// Rounds 1 and 2 of an arm, and then round 2 once more from another model.
  private func lostRound(_ study: HonestStudy) throws -> [Assignment] {
    let first = try study.chain(1)
    let other = try study.manifest(
      2, from: study.model(1), to: study.model(20), after: first[0].statement)
    return [
      try study.training(2, from: study.model(1), proof: first),
      try study.validation(2, of: study.model(20), proof: first + [other]),
    ]
  }

  @Test func newAttemptRepeatsItsRoundsOnly() async throws {
    let study = try HonestStudy()
    let site = try LiedToSite(study, arm: "fedavg", checksChain: true)
    let chain = try study.chain(2)
    let honest = [
      try study.training(1, from: study.model(0)),
      try study.validation(1, of: study.model(1), proof: Array(chain.prefix(1))),
      try study.training(2, from: study.model(1), proof: Array(chain.prefix(1))),
      try study.validation(2, of: study.model(2), proof: chain),
    ]
    #expect(try await site.serve(LyingCoordinator(asking: honest)).isEmpty)
    let lost = try lostRound(study)
    // Without an attempt, the site has another model for round 2.
    let refusals = try await site.serve(LyingCoordinator(asking: lost))
    #expect(refusals.count == 1 && refusals[0].contains("signed two different models for round 2"))
    let attempts = [try study.consortium.attempt(2, after: ["fedavg": 1])]
    let again = LyingCoordinator(asking: lost)
    let before = site.trainer.computed
    #expect(try await site.serve(again, attempts).isEmpty)
    #expect(await again.messages.count == 2)
    // The training was asked before in the same words, so only the new model was evaluated, or trained again to
    // the same bytes.
    #expect(site.trainer.computed - before <= 2)
    // Round 1 is not part of the attempt.
    let round1 = try study.manifest(1, from: study.model(0), to: study.model(9), after: nil)
    let greedy = LyingCoordinator(asking: [
      try study.validation(1, of: study.model(9), proof: [round1]),
      try study.validation(2, of: study.model(2), proof: chain),
    ])
    let more = try await site.serve(greedy, attempts)
    #expect(more.count == 2 && more[0].contains("signed two different models for round 1"))
    #expect(await greedy.answers.isEmpty)
  }

  @Test func attemptsAreLoggedAndNeverForgotten() async throws {
    let consortium = try HonestConsortium()
    let files = try AgentFiles()
    let courses = StudyCourses(
      folder: files.folder, audit: try files.openLog(), party: { files.identity.party }, now: { Date() })
    let second = try consortium.attempt(2, after: ["fedavg": 3], because: "the disk broke")
    #expect(try await courses.attempt("s", digest: "d", [second]) == [second])
    #expect(try await courses.attempt("s", digest: "d", [second]).isEmpty)
    let entries = try files.entries().filter { $0.action == .attemptBegun }
    #expect(entries.count == 1)
    #expect(entries.first?.details == ["attempt": "2", "reason": "the disk broke", "after": "fedavg 3"])
    #expect(entries.first?.actor == consortium.coordinator.party)
    for shown in [[], [try consortium.attempt(2, after: ["fedavg": 0])]] {
      let error = await #expect(throws: ConsiliumError.self) {
        try await courses.attempt("s", digest: "d", shown)
      }
      #expect(error?.message.contains("this site knows 2 attempts of the coordinator") == true)
    }
  }

  @Test func endedStudyGetsNoAttempt() async throws {
    let consortium = try HonestConsortium()
    let files = try AgentFiles()
    let courses = StudyCourses(
      folder: files.folder, audit: try files.openLog(), party: { files.identity.party }, now: { Date() })
    try await courses.end("s", digest: "d", as: .finished)
    let attempt = try consortium.attempt(2)
    let error = await #expect(throws: ConsiliumError.self) {
      try await courses.attempt("s", digest: "d", [attempt])
    }
    #expect(error?.message == "the study has ended at this site, so no new attempt begins")
  }

  @Test func attemptsAreLimitedByTheStudyAndSignedByTheCoordinator() throws {
    let consortium = try HonestConsortium()
    func fault(_ attempts: [SignedAttempt]) throws -> String? {
      let mandate = StudyMandate(
        decisions: consortium.decisions, start: try consortium.start(), attempts: attempts)
      do {
        try mandate.verify(
          for: consortium.proposal, by: consortium.authority.authority, at: Date())
        return nil
      } catch let error as ConsiliumError { return error.message }
    }
    let second = try consortium.attempt(2)
    #expect(try fault([second]) == nil)
    #expect(
      try fault([second, consortium.attempt(3)])
        == "the coordinator shows attempt 3, but the study allows 2 (federation.attempts)")
    #expect(
      try fault([consortium.attempt(2, by: consortium.lead)])?.contains("expected a coordinator") == true)
    #expect(try fault([consortium.attempt(3)])?.contains("it is about another study, or has another") == true)
  }
}
