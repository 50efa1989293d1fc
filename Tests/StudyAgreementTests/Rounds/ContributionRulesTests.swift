import Credentials
import FederatedCore
import Foundation
import StudyAgreement
import StudyProtocol
import Testing

/// The rules by which a coordinator accepts a contribution, and by which everybody verifies it later.
struct ContributionRulesTests {
  private let rounds: ExampleRounds
  private let rules: ContributionRules

  init() throws {
    rounds = try ExampleRounds(Consortium())
    rules = ContributionRules(
      study: rounds.study, arm: "fedavg", round: 1, bases: [0: rounds.file(0)],
      weighting: WeightRule(try Study(yaml: studyText), arm: "fedavg"))
  }

  private func faults(_ change: (inout ContributionStatement) -> Void, by signer: String = "A") throws
    -> [ManifestFault]
  {
    var statement = try rounds.contribution("A", round: 1).statement
    change(&statement)
    let identity = try #require(rounds.consortium.sites[SiteID(signer)])
    let signed = try rounds.consortium.signed(statement, by: identity)
    return rules.faults(of: signed, by: rounds.consortium.authority, at: now)
  }

  @Test func honestContributionCounts() throws { #expect(try faults { _ in }.isEmpty) }

  @Test func everyFalseFieldIsNamed() throws {
    let cases: [((inout ContributionStatement) -> Void, ManifestFault.Kind, String)] = [
      ({ $0.study = digest("x") }, .foreign, "is of another study, arm or round: its study differs"),
      (
        { $0.arm = "local-A" }, .foreign,
        "it is of round 1 of arm 'local-A'; expected round 1 of arm 'fedavg'"
      ),
      ({ $0.round = 2 }, .foreign, "it is of round 2 of arm 'fedavg'; expected round 1 of arm 'fedavg'"),
      (
        { $0.base = digest("x") }, .implausible,
        "was trained from a different model than the round began with"
      ),
      (
        { $0.weight = 99 }, .implausible,
        "has the weight 99.0; the study's weighting gives 100.0 for 100 training examples"
      ),
      ({ $0.weight = 1e15 }, .implausible, "expected more than 0 and at most 1099511627776"),
      ({ $0.weight = 1e300 }, .implausible, "expected more than 0 and at most 1099511627776"),
      ({ $0.auditHead = nil }, .unanchored, "names no entry of the site's audit log"),
      ({ $0.auditHead?.sequence = 0 }, .unanchored, "names no entry of the site's audit log"),
      ({ $0.auditHead?.hash = "x" }, .unanchored, "names no entry of the site's audit log"),
      ({ $0.weight = -1 }, .implausible, "expected more than 0"),
      ({ $0.examples = .max }, .implausible, "training examples; expected 0 to 1099511627776"),
    ]
    for (change, kind, words) in cases {
      let faults = try faults(change)
      #expect(faults.map(\.kind) == [kind], "\(words): \(faults)")
      #expect(faults.first?.message.hasPrefix("the contribution of site 'A' ") == true)
      #expect(faults.first?.message.contains(words) == true, "\(faults)")
    }
  }

  @Test func contributionSignedByAnotherSiteIsInvalid() throws {
    let faults = try faults({ _ in }, by: "B")
    #expect(faults.map(\.kind) == [.unsigned])
    #expect(faults.first?.message.contains("it was signed by site/B; expected site/A") == true)
  }

  /// What the rules refuse, the verifier of a chain refuses with the same words, and the reverse.
  @Test func chainRefusesWithTheSameWords() throws {
    let changes: [(inout ContributionStatement) -> Void] = [
      { _ in }, { $0.base = digest("x") }, { $0.weight = 7 }, { $0.round = 2 }, { $0.arm = "x" },
      { $0.weight = 1e300 },
    ]
    for change in changes {
      let own = try faults(change)
      let manifest = try rounds.resigned(rounds.manifests(1)[0]) { manifest in
        var statement = manifest.contributions[0].statement
        change(&statement)
        manifest.contributions[0] = try rounds.consortium.signed(
          statement, by: #require(rounds.consortium.sites[SiteID("A")]))
      }
      var chain = rounds.chain([])
      chain.weighting = rules.weighting
      let authority = rounds.consortium.authority
      // Where the first of the contributions differs, only it is at fault.
      #expect(chain.faults(ofNext: manifest, by: authority, at: now) == own)
      #expect(chain.faults(ofNext: manifest.statement, by: authority, at: now) == own)
      chain.manifests = [manifest]
      #expect(chain.verify(by: authority, at: now).faults == own)
    }
  }

  @Test(arguments: [("fedavg", "fedavg", 40.0), ("scaffold", "scaffold", 1), ("scaffold", "local-A", 40)])
  func weightFollowsFromTheWorkflow(workflow: String, arm: String, expected: Double) throws {
    let study = try Study(yaml: studyText.replacing("workflow: fedavg", with: "workflow: \(workflow)"))
    #expect(WeightRule(study, arm: arm).weights(ofExamples: 40) == expected...expected)
  }

  @Test func equalWeightingGivesEverySiteOne() throws {
    let study = try Study(
      yaml: studyText.replacing("rounds: 5", with: "rounds: 5, weighting: equal"))
    #expect(WeightRule(study, arm: "fedavg") == .equal)
  }

  @Test func classWeightsLimitTheWeight() throws {
    let text = studyText.replacing("rounds: 5", with: "rounds: 5, weighting: class-weights")
      .replacing("batch-size: 4", with: "batch-size: 4, class-weights: {absent: 0.5, present: 3}")
    let rule = WeightRule(try Study(yaml: text), arm: "fedavg")
    #expect(rule == .classWeights(0.5...3))
    // Between 10 examples of the lighter class and 10 of the heavier.
    let range = rule.weights(ofExamples: 10)
    #expect(range.contains(5) && range.contains(30) && !range.contains(4.9) && !range.contains(30.1))
  }
}
