import AdversaryTesting
import AuditLog
import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import StudyProtocol
import Testing

@testable import SiteAgent

/// A coordinator that lies gets one answer to each question of the signed study, and nothing else.
struct LyingCoordinatorTests {
  @Test(arguments: Lie.all) func lieGetsNothingBeyondTheStudy(lie: Lie) async throws {
    let study = try lie.study()
    let site = try LiedToSite(study, arm: lie.arm, checksChain: lie.checksChain)
    let coordinator = LyingCoordinator(asking: try lie.questions(study))
    let refusals = try await site.serve(coordinator)
    #expect(site.trainer.computed == lie.computed)
    #expect(await coordinator.messages.count == lie.answered)
    #expect(refusals.count == lie.refused)
    for refusal in refusals { #expect(refusal.contains(lie.refusal), "\(refusal)") }
    let entries = try site.files.entries().filter { $0.action == .questionRefused }
    #expect(entries.count == lie.refused)
    for (entry, refusal) in zip(entries, refusals) {
      #expect(entry.details["reason"] == refusal)
      #expect(entry.subject.arm == lie.arm)
    }
  }

  @Test func repeatedAnswersAreTheSameBytes() async throws {
    for lie in Lie.all where lie.answered > lie.computed {
      let study = try lie.study()
      let coordinator = LyingCoordinator(asking: try lie.questions(study))
      _ = try await LiedToSite(study, arm: lie.arm, checksChain: lie.checksChain).serve(coordinator)
      let messages = await coordinator.messages
      #expect(messages.allSatisfy { $0 == messages[0] })
    }
  }

  /// Its files are gone, and the time of the training differs, but the answer is the one that left before.
  @Test func answerThatIsComputedAgainIsTheSameBytes() async throws {
    let study = try HonestStudy()
    let questions = try (1...3).map { try study.training($0, from: study.model($0 - 1)) }
    let coordinator = LyingCoordinator(asking: questions + [questions[0]])
    let site = try LiedToSite(study, arm: "fedavg")
    #expect(try await site.serve(coordinator).isEmpty)
    let messages = await coordinator.messages
    #expect(site.trainer.computed == 4 && messages.count == 4)
    #expect(messages[3] == messages[0])
  }

  /// The engine gives another update for the same question, for example after an upgrade.
  @Test func answerThatDiffersFromTheFirstDoesNotLeave() async throws {
    let study = try HonestStudy()
    let questions = try (1...2).map { try study.training($0, from: study.model($0 - 1)) }
    let site = try LiedToSite(study, arm: "fedavg")
    #expect(try await site.serve(LyingCoordinator(asking: questions)).isEmpty)
    site.trainer.shift(by: 1)
    let coordinator = LyingCoordinator(asking: [questions[0]])
    let refusals = try await site.serve(coordinator)
    #expect(await coordinator.answers.isEmpty)
    #expect(refusals.count == 1)
    #expect(
      refusals.first?.contains(
        "has answered the question of the kind 'train' in round 1 of arm 'fedavg' before, and the same work now has a "
          + "different result; a second answer does not leave the site") == true)
  }

  /// A coordinator that was restored from a backup repeats the last rounds of a finished study.
  @Test func endedStudyGetsEarlierAnswersOnly() async throws {
    let study = try HonestStudy()
    let questions = try (1...2).map { try study.training($0, from: study.model($0 - 1)) }
    let site = try LiedToSite(study, arm: "fedavg")
    let honest = LyingCoordinator(asking: questions)
    #expect(try await site.serve(honest).isEmpty)
    let time = try Date("2027-03-01T09:30:00Z", strategy: .iso8601)
    let restored = LyingCoordinator(
      asking: questions + [try study.training(3, from: study.model(2))])
    let refusals = try await site.serve(restored, after: .init(state: .finished, time: time))
    #expect(
      refusals == [
        "the study was finished at 2027-03-01T09:30:00Z at this site and does not begin again; the question of the kind "
          + "'train' in round 3 of arm 'fedavg' was not answered before, so nothing was computed"
      ])
    let (before, after) = (await honest.messages, await restored.messages)
    #expect(before == after && before.count == 2)
  }
}
