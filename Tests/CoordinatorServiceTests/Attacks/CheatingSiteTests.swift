import Credentials
import CredentialsTesting
import FederatedCore
import FederatedRuntime
import Foundation
import StudyAgreement
import StudyRuns
import TestSupport
import Testing

@testable import CoordinatorService
@testable import FederatedTransport

/// What one site can do to a study if an attacker has its key. After each attack the round goes on, and
/// everybody can verify the model that the honest sites made.
@Suite(.timeLimit(.minutes(5)))
struct CheatingSiteTests {
  private let arm = "fedavg"

  private func attack(
    _ change: (inout AttackedStudy) -> Void = { _ in },
    _ body: @escaping @Sendable (StudySite) async throws -> Void
  ) async throws -> AttackedStudy.Ending {
    try await withTemporaryFolder { folder in
      var study = try AttackedStudy(in: folder)
      change(&study)
      return try await study.run(body)
    }
  }

  /// Prepares as an honest site, serves the other arms honestly, and cheats in the federated arm.
  private func cheat(
    _ member: StudySite, _ body: @escaping @Sendable (CheatingSite) async throws -> Void
  ) async throws {
    try await member.prepare()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await member.serve([NetworkPlan.rehearsal, NetworkPlan.tests]) }
      group.addTask { [arm] in try await body(try CheatingSite(member, in: arm)) }
      try await group.waitForAll()
    }
  }

  private func expectGenuine(_ ending: AttackedStudy.Ending, rounds: Int = 2) {
    #expect(ending.state == .finished, "\(ending.reason)")
    #expect(ending.review?.isGenuine == true, "\(ending.review?.allFaults ?? ["no model"])")
    #expect(ending.rounds.count == rounds)
    for round in 1...rounds {
      #expect(ending.contributors(round).filter { $0 != "mallory" } == ["north", "south"])
    }
  }

  // MARK: Lies about an update

  /// The site may still send its honest update, which then counts as if there had been no lie.
  @Test func everyLieIsRefusedAndTheHonestAnswerCounts() async throws {
    let stranger = try TestAuthority(consortium: "clinic").identity(.site, "mallory")
    let lies = Lie.all(stranger: stranger)
    #expect(lies.count >= 20)
    let perRound = CoordinatorMailbox.mostRefusals - 2
    let rounds = (lies.count + perRound - 1) / perRound
    let ending = try await attack({ $0.clinic.rounds = rounds }) { member in
      try await cheat(member) { site in
        var left = lies[...]
        while let question = try await site.question() {
          if question.id.stage != nil {
            for lie in left.prefix(perRound) {
              let outcome = try await site.submit(lie, to: question)
              switch (outcome, lie.refusal) {
              case (.refused(let message), let words?):
                #expect(message.contains(words), "\(lie.name): \(message)")
              case (.ignored, nil): break
              default: Issue.record("\(lie.name): \(outcome)")
              }
            }
            left = left.dropFirst(perRound)
          }
          try await site.answerHonestly(question)
        }
        #expect(left.isEmpty)
      }
    }
    expectGenuine(ending, rounds: rounds)
    for round in 1...rounds {
      #expect(ending.contributors(round) == ["mallory", "north", "south"])
      #expect(ending.reasonOfDrop(in: round) == nil)
    }
  }

  /// A site that only lies is dropped and named, and may take part in the next round.
  @Test func siteThatOnlyLiesIsDroppedAndNamed() async throws {
    let lie = Lie(name: "3e38", draft: { $0.update = .filled(3e38, like: $0.update) })
    let ending = try await attack { member in
      try await cheat(member) { site in
        while let question = try await site.question() {
          guard question.id.round == 1 else {
            try await site.answerHonestly(question)
            continue
          }
          for _ in 0..<CoordinatorMailbox.mostRefusals { _ = try await site.submit(lie, to: question) }
          #expect(try await site.submit(lie, to: question) == .ignored)
        }
      }
    }
    expectGenuine(ending)
    #expect(ending.contributors(1) == ["north", "south"])
    #expect(
      ending.reasonOfDrop(in: 1)
        == "10 of its answers were refused, the last because the update of site 'mallory' in round 1 has values that are "
        + "beyond 1.0995116e+12, with which no model can be trained")
    #expect(ending.contributors(2) == ["mallory", "north", "south"])
  }

  /// A weight that was right in one round must stay so, even if the site reports other data meanwhile.
  @Test func weightCannotChangeBetweenRounds() async throws {
    let ending = try await attack { member in
      try await cheat(member) { site in
        while let question = try await site.question() {
          if question.id.round == 2, question.id.stage != nil {
            var readiness = member.readiness
            readiness.data?.parts[0].examples = 400
            readiness.obstacles = []
            let report = readiness
            try await member.prepare { $0.data = report.data }
            let lie = Lie(
              name: "more data",
              draft: {
                $0.weight = 400
                $0.examples = 400
              })
            let outcome = try await site.submit(lie, to: question)
            #expect(
              outcome
                == .refused(
                  "the update of site 'mallory' has the weight 400.0; expected 20.0, from the number of training examples "
                    + "that the site reported before the first round. If its data have changed, start the study over"
                ))
          }
          try await site.answerHonestly(question)
        }
      }
    }
    expectGenuine(ending)
    let weights = ending.rounds.map { $0.contributions.first?.statement.weight }
    #expect(weights == [20, 20])
  }

  /// Of two different updates that arrive together one counts, with its own statement.
  @Test func twoAnswersAtOnceCountOnce() async throws {
    let ending = try await attack { member in
      try await cheat(member) { site in
        while let question = try await site.question() {
          let counted = try await withThrowingTaskGroup(of: CheatingSite.Outcome.self) { group in
            for value in [Float(0.25), -0.25, 0.5] {
              let lie = Lie(
                name: "\(value)", draft: { $0.update = .filled(value, like: $0.update) })
              group.addTask { try await site.submit(lie, to: question) }
            }
            return try await group.reduce(into: 0) { $0 += $1 == .counted ? 1 : 0 }
          }
          #expect(counted == 1)
        }
      }
    }
    expectGenuine(ending)
    #expect(ending.contributors(1) == ["mallory", "north", "south"])
  }

  /// Once an answer has counted, nothing replaces it.
  @Test func laterAnswersAreIgnored() async throws {
    let ending = try await attack { member in
      try await cheat(member) { site in
        while let question = try await site.question() {
          try await site.answerHonestly(question)
          let late = Lie(name: "late", draft: { $0.update = .filled(0.5, like: $0.update) })
          #expect(try await site.submit(late, to: question) == .ignored)
        }
      }
    }
    expectGenuine(ending)
  }

  // MARK: Failures and silence

  /// A site speaks only for itself: it can be dropped, but ends nothing.
  @Test(arguments: ["storage", "cancelled", "diverged", "partial", "nonsense", "invalid-input"])
  func falseFailureDropsOnlyTheSite(code: String) async throws {
    let ending = try await attack { member in
      try await cheat(member) { site in
        while let question = try await site.question() {
          try await site.fail(code, "the site 'north' is to blame", at: question)
        }
      }
    }
    expectGenuine(ending)
    for round in 1...2 {
      #expect(ending.contributors(round) == ["north", "south"])
      #expect(ending.reasonOfDrop(in: round) == "the site 'north' is to blame")
    }
  }

  /// The study goes on without the site, and its earlier rounds stay valid.
  @Test func withdrawalLeavesTheModelGenuine() async throws {
    let ending = try await attack { member in
      try await cheat(member) { site in
        while let question = try await site.question() {
          if question.id.round == 2 {
            try await member.withdraw()
            try await Task.sleep(for: .seconds(600))
          }
          try await site.answerHonestly(question)
        }
      }
    }
    expectGenuine(ending)
    #expect(ending.contributors(1) == ["mallory", "north", "south"])
    #expect(ending.contributors(2) == ["north", "south"])
    #expect(ending.review?.notes == ["site 'mallory' has withdrawn; it took part until then"])
  }

  @Test func siteThatFallsSilentIsDroppedAtTheDeadline() async throws {
    let ending = try await attack({ $0.patience = .seconds(3) }) { member in
      try await member.prepare()
      try await member.serve([NetworkPlan.rehearsal])
      _ = try await CheatingSite(member).question()
      try await Task.sleep(for: .seconds(600))
    }
    #expect(ending.review?.isGenuine == true, "\(ending.review?.allFaults ?? [])")
    #expect(ending.contributors(1) == ["north", "south"])
    #expect(ending.reasonOfDrop(in: 1)?.hasPrefix("it sent no update within") == true)
  }

  // MARK: Readiness

  @Test func impossibleReadinessIsRefused() async throws {
    let ending = try await attack { member in
      let lies: [(String, @Sendable (inout SiteReadiness) -> Void)] = [
        ("impossible numbers", { $0.data?.parts[0].examples = .max }),
        ("impossible numbers", { $0.data?.parts[0].examples = -1 }),
        ("impossible numbers", { $0.data?.parts[1].part = .training }),
        ("impossible numbers", { $0.site = SiteID("north") }),
        ("impossible numbers", { $0.clockSkew = 1e300 }),
      ]
      for (words, lie) in lies {
        let error = await #expect(throws: ConsiliumError.self) { try await member.prepare(lie) }
        #expect(error?.message.contains(words) == true, "\(error as Any)")
      }
      try await member.prepare()
      try await member.serve()
    }
    expectGenuine(ending)
  }

  /// A site that states no number of training examples would choose its own weight.
  @Test func siteWithoutCountsTakesNoPart() async throws {
    let ending = try await attack { member in
      try await member.prepare { $0.data?.parts.removeAll { $0.part == .training } }
      try await Task.sleep(for: .seconds(600))
    }
    expectGenuine(ending)
    #expect(ending.contributors(1) == ["north", "south"])
  }

  // MARK: Tests of the final model

  @Test func impossibleEvaluationIsRefused() async throws {
    let ending = try await attack { member in
      try await member.prepare()
      try await member.serve([NetworkPlan.rehearsal, "fedavg"])
      let site = try CheatingSite(member, in: NetworkPlan.tests)
      while let question = try await site.question() {
        let update = Lie(name: "update")
        let outcome = try await site.submit(update, to: question)
        #expect(
          outcome
            == .refused("a message of the kind 'update' cannot be used: expected the kind 'evaluation'"))
        try await site.answerHonestly(question)
      }
    }
    expectGenuine(ending)
  }
}

extension NamedParts {
  /// Parts of the same shape in which all values are equal.
  fileprivate static func filled(_ value: Float, like other: NamedParts) -> NamedParts {
    NamedParts(
      names: other.names,
      parts: other.parts.map {
        ModelParameters(layout: $0.layout, values: [Float](repeating: value, count: $0.count))
      })
  }
}
