import Credentials
import FederatedCore
import Foundation
import StudyAgreement
import Testing

/// Rounds in which everything that a site receives is signed: the models within a ring, and a strategy's
/// message.
struct CompleteChainTests {
  private let rounds: ExampleRounds

  init() throws { rounds = try ExampleRounds(Consortium()) }

  // MARK: Rings

  private func inner(_ stage: Int) -> String { digest("inner\(stage)") }

  /// A ring through A, B and C.
  private func ring(
    _ change: (inout [ContributionStatement]) -> Void = { _ in }
  ) throws -> Signed<RoundManifest> {
    let sites = ["A", "B", "C"]
    var statements = try sites.enumerated().map { stage, site in
      var statement = try rounds.contribution(site, round: 1).statement
      statement.stage = stage
      statement.base = stage == 0 ? rounds.file(0) : inner(stage)
      statement.result = stage == 2 ? rounds.file(1) : inner(stage + 1)
      return statement
    }
    change(&statements)
    return try rounds.resigned(rounds.manifests(1)[0]) { manifest in
      manifest.rules = RoundManifest.completeRules
      manifest.contributions = try statements.map { statement in
        try rounds.consortium.signed(statement, by: #require(rounds.consortium.sites[statement.site]))
      }
    }
  }

  @Test func intactRingIsComplete() throws { #expect(rounds.review([try ring()]).status == .complete) }

  @Test func everyLieAboutARingIsNamed() throws {
    let lies: [(String, (inout [ContributionStatement]) -> Void)] = [
      (
        "the contribution of site 'B' was trained from a different model than the round began with",
        { $0[1].base = digest("x") }
      ),
      (
        "the contribution of site 'C' was trained from a different model than the round began with",
        { $0.remove(at: 1) }
      ),
      (
        "the contribution of site 'B' was trained from a different model than the round began with",
        { $0[0].result = digest("x") }
      ),
      (
        "the contribution of site 'C' makes a different model than the round ended with",
        { $0[2].result = digest("x") }
      ),
      (
        "the contribution of site 'B' does not state the model that it makes, which the next site of the ring must verify; "
          + "install this version of Consilium at the site",
        { $0[1].result = nil }
      ),
      (
        "site 'A' trained in stage 2, after site 'B' in stage 1; a ring follows the order of the sites' names",
        { ($0[0].site, $0[1].site) = ($0[1].site, $0[0].site) }
      ),
    ]
    for (message, change) in lies {
      let faults = rounds.review([try ring(change)]).faults.map(\.message)
      #expect(faults.first == message, "\(faults)")
    }
  }

  /// Sites of an earlier version did not state the models that they made.
  @Test func ringOfAnEarlierVersionStaysGenuine() throws {
    var manifest = try ring { statements in for index in 0..<3 { statements[index].result = nil } }
    #expect(rounds.review([manifest]).faults.count == 3)
    manifest = try rounds.resigned(manifest) { $0.rules = RoundManifest.currentRules }
    #expect(rounds.review([manifest]).status == .complete)
  }

  // MARK: Messages

  private func control(_ round: Int) -> String { digest("control\(round)") }

  private func withMessages(_ count: Int) throws -> [Signed<RoundManifest>] {
    var manifests: [Signed<RoundManifest>] = []
    for manifest in try rounds.manifests(count) {
      let previous = manifests.last?.statement
      manifests.append(
        try rounds.resigned(manifest) { manifest in
          manifest.rules = RoundManifest.completeRules
          manifest.previous = try previous?.digest()
          manifest.messageBefore = control(manifest.round - 1)
          manifest.messageAfter = control(manifest.round)
          manifest.contributions = try manifest.contributions.map { signed in
            var statement = signed.statement
            statement.message = control(manifest.round - 1)
            return try rounds.consortium.signed(
              statement, by: #require(rounds.consortium.sites[statement.site]))
          }
        })
    }
    return manifests
  }

  @Test func messagesFollowOneAnother() throws {
    let manifests = try withMessages(2)
    #expect(rounds.review(manifests).status == .complete)
    let link = try ChainLink(manifests[0].statement)
    #expect(link.message == control(1))
    var other = link
    other.message = control(5)
    #expect(!other.hasModel(of: link))
  }

  @Test func everyLieAboutAMessageIsNamed() throws {
    let lies: [(String, (inout RoundManifest) -> Void)] = [
      (
        "the round begins with a different message of the strategy than round 1 states",
        { $0.messageBefore = digest("x") }
      ),
      (
        "the manifest does not name the strategy's message, which round 1 states; install this version of Consilium at the "
          + "coordinator",
        {
          ($0.messageBefore, $0.messageAfter, $0.rules) = (nil, nil, RoundManifest.currentRules)
        }
      ),
      ("the manifest does not name the strategy's message for the next round", { $0.messageAfter = nil }),
    ]
    let manifests = try withMessages(2)
    for (message, change) in lies {
      let changed = try rounds.resigned(manifests[1]) { change(&$0) }
      let faults = rounds.review([manifests[0], changed]).faults.map(\.message)
      #expect(faults.first == message, "\(faults)")
    }
    let changed = try rounds.resigned(manifests[0]) { $0.messageBefore = digest("x") }
    #expect(
      rounds.review([changed]).faults.first?.message
        == "the contribution of site 'A' was trained with a different message of the strategy than the round began with"
    )
  }

  /// Versions before this one cannot verify such rounds, so the file says so by its format.
  @Test func onlyCompleteRoundsNeedTheNewFormat() throws {
    func format(_ manifests: [Signed<RoundManifest>]) -> String {
      ManifestFile(
        study: rounds.study, arm: "fedavg", model: rounds.model(1), round: 1, agreement: nil,
        rounds: manifests,
        conclusion: nil
      ).format
    }
    #expect(format(try rounds.manifests(1)) == "consilium-manifest-3")
    #expect(format([try ring()]) == "consilium-manifest-4")
    #expect(format(try withMessages(1)) == "consilium-manifest-4")
  }
}
