import Credentials
import FederatedCore
import Foundation
import StudyAgreement
import Testing

@Suite struct ManifestChainTests {
  private let rounds: ExampleRounds

  init() throws { rounds = try ExampleRounds(Consortium()) }

  private func kinds(_ manifests: [Signed<RoundManifest>]) -> Set<ManifestFault.Kind> {
    Set(rounds.review(manifests).faults.map(\.kind))
  }

  @Test func intactChainIsComplete() throws {
    let manifests = try rounds.manifests(3)
    #expect(rounds.review(manifests).status == .complete)
    let json = try JSONEncoder().encode(manifests)
    let back = try JSONDecoder().decode([Signed<RoundManifest>].self, from: json)
    #expect(rounds.review(back).status == .complete)
    #expect(manifests[1].statement.previous == (try manifests[0].statement.digest()))
  }

  /// A site that has verified the first rounds verifies only the later ones.
  @Test func laterRoundsFollowAVerifiedModel() throws {
    let manifests = try rounds.manifests(3)
    func faults(_ later: [Signed<RoundManifest>], after link: ChainLink) -> [String] {
      rounds.chain(later).verify(by: rounds.consortium.authority, at: now, after: link).faults.map(\.message)
    }
    var link = try ChainLink(manifests[0].statement)
    #expect(faults(Array(manifests[1...]), after: link) == [])
    #expect(faults([manifests[2]], after: link) == ["round 2 before it has no manifest"])
    // A coordinator that was restored from a backup has signed round 1 twice.
    link.manifests = [digest("another"), link.manifests[0]]
    #expect(faults([manifests[1]], after: link) == [])
    link.manifests.removeLast()
    #expect(
      faults([manifests[1]], after: link) == [
        "the manifest follows a different one than that of round 1 here"
      ])
    link.manifests = [try manifests[0].statement.digest()]
    link.file = digest("another file")
    #expect(
      faults([manifests[1]], after: link)
        == ["the round begins with a different model than round 1 ended with"])
    let start = ChainLink(initialModel: rounds.model(0), file: rounds.file(0))
    #expect(faults(manifests, after: start) == [])
    #expect(
      faults(manifests, after: ChainLink(initialModel: digest("other"), file: rounds.file(0)))
        == ["the round begins with a different model than the study's initial weights"])
  }

  @Test func missingRequiredSiteMakesTheChainPartial() throws {
    let manifests = try rounds.manifests(3) { $0 == 2 ? ["A", "C"] : ["A", "B"] }
    #expect(rounds.review(manifests).status == .partial([.init(round: 2, missing: [SiteID("B")])]))
    #expect(manifests[1].statement.missingSites == [SiteID("B")])
    #expect(manifests[0].statement.missingSites == [])
    #expect(manifests[0].statement.dropped == [.init(site: SiteID("C"), reason: "timed out")])
  }

  @Test func detectsMissingRound() throws {
    let manifests = try rounds.manifests(4)
    for index in 0..<3 {
      var changed = manifests
      changed.remove(at: index)
      #expect(kinds(changed) == [.missing])
    }
    #expect(kinds([]) == [.missing])
  }

  @Test func detectsReorderedAndRepeatedRounds() throws {
    let manifests = try rounds.manifests(3)
    #expect(kinds([manifests[1], manifests[0], manifests[2]]) == [.reordered])
    #expect(kinds(manifests + [manifests[1]]) == [.duplicated])
  }

  @Test(arguments: [1 << 41, Int.max]) func impossibleRoundNumberIsForeign(round: Int) throws {
    let manifests = try rounds.manifests(2)
    let changed = try rounds.resigned(manifests[1]) { $0.round = round }
    let review = rounds.review([manifests[0], changed, changed])
    #expect(review.status == .broken)
    #expect(review.faults.prefix(2).map(\.kind) == [.foreign, .duplicated])
    #expect(review.faults.first?.message.hasPrefix("rounds must be between 1") == true)
  }

  @Test func detectsEveryForgedField() throws {
    let manifests = try rounds.manifests(2)
    let changes: [(inout RoundManifest) -> Void] = [
      { $0.time += 1 }, { $0.modelBefore = digest("x") }, { $0.modelAfter = digest("x") },
      { $0.fileBefore = digest("x") }, { $0.fileAfter = digest("x") },
      { $0.contributions.removeLast() }, { $0.dropped = [.init(site: SiteID("A"), reason: "x")] },
      { $0.required.removeLast() }, { $0.auditHead?.sequence += 1 }, { $0.rules = nil },
      { $0.previous = digest("x") },
      { $0.arm = "median" }, { $0.study = digest("x") },
    ]
    for change in changes {
      var forged = manifests
      change(&forged[1].statement)
      #expect(kinds(forged).contains(.forged))
    }
  }

  @Test func onlyACoordinatorSignsManifests() throws {
    var manifests = try rounds.manifests(1)
    manifests[0] = try rounds.consortium.signed(manifests[0].statement, by: rounds.consortium.lead)
    #expect(kinds(manifests) == [.forged])
  }

  /// The chain and the sites' own signatures expose a coordinator that lies about a round that it has signed.
  @Test func rewrittenRoundBreaksTheChain() throws {
    let manifests = try rounds.manifests(3)
    var changed = manifests
    changed[1] = try rounds.resigned(manifests[1]) { $0.dropped = [.init(site: SiteID("C"), reason: "x")] }
    #expect(kinds(changed) == [.broken])
    changed = manifests
    changed[1] = try rounds.resigned(manifests[1]) { $0.modelAfter = digest("x") }
    #expect(rounds.review(changed).faults.map(\.round) == [3, 3])
    changed[2] = try rounds.resigned(manifests[2]) {
      $0.required = [SiteID("A")]
      $0.contributions.removeAll { $0.statement.site != SiteID("A") }
    }
    #expect(kinds(changed).contains(.requirement))
    #expect(rounds.review(changed).partialRounds == [.init(round: 3, missing: [SiteID("B")])])
  }

  /// The sites' signatures state which model they received, and so expose a coordinator that sends out a
  /// different model from the model that it signs.
  @Test func detectsTrainingFromAnotherFile() throws {
    let manifests = try rounds.manifests(2)
    let handedOut = try rounds.resigned(manifests[1]) { $0.fileBefore = digest("x") }
    let review = rounds.review([manifests[0], handedOut])
    #expect(review.faults.map(\.kind) == [.broken, .implausible, .implausible, .implausible])
    let renamed = try rounds.resigned(manifests[0]) { $0.fileAfter = digest("x") }
    #expect(kinds([renamed, manifests[1]]) == [.broken, .broken])
  }

  @Test func detectsContributionWithoutItsSitesSignature() throws {
    let manifests = try rounds.manifests(1)
    let lead = rounds.consortium.lead
    let forged = try rounds.resigned(manifests[0]) {
      $0.contributions[1] = try rounds.contribution("B", round: 1, by: lead)
    }
    #expect(kinds([forged]) == [.unsigned])
    let heavier = try rounds.resigned(manifests[0]) { $0.contributions[0].statement.weight = 1000 }
    #expect(kinds([heavier]) == [.unsigned])
  }

  @Test func detectsForeignAndRepeatedContributions() throws {
    let manifests = try rounds.manifests(2)
    let replayed = try rounds.resigned(manifests[1]) {
      $0.contributions[0] = manifests[0].statement.contributions[0]
    }
    #expect(kinds([manifests[0], replayed]) == [.foreign, .implausible])
    let twice = try rounds.resigned(manifests[0]) { $0.contributions.append($0.contributions[0]) }
    #expect(kinds([twice]) == [.implausible])
  }

  /// The coordinator signs which rules hold, so that a statement without an entry of the site's log does not
  /// pass for one of version 0.1.
  @Test func onlyRoundsOfVersionOneNeedNoEntryOfTheSitesLogs() throws {
    let manifest = try rounds.manifests(1)[0]
    func without(_ rules: Int?) throws -> Signed<RoundManifest> {
      try rounds.resigned(manifest) { manifest in
        manifest.rules = rules
        var statement = manifest.contributions[0].statement
        statement.auditHead = nil
        manifest.contributions[0] = try rounds.consortium.signed(
          statement, by: #require(rounds.consortium.sites[statement.site]))
      }
    }
    #expect(try kinds([without(nil)]) == [])
    #expect(try kinds([without(RoundManifest.currentRules)]) == [.unanchored])
    var forged = try without(RoundManifest.currentRules)
    forged.statement.rules = nil
    #expect(kinds([forged]) == [.forged])
  }

  @Test func detectsManifestsOfAnotherStudy() throws {
    let manifests = try rounds.manifests(1)
    let chain = ManifestChain(study: digest("other"), arm: "fedavg", manifests: manifests)
    let review = chain.verify(by: rounds.consortium.authority, at: now)
    #expect(review.faults.map(\.kind) == [.foreign])
    #expect(review.status == .broken)
  }

  /// Each round is checked on its own before it is signed, and gives the result that the whole chain gives.
  @Test func nextRoundIsCheckedBeforeItIsSigned() throws {
    let manifests = try rounds.manifests(3)
    let authority = rounds.consortium.authority
    for count in 0..<3 {
      let chain = rounds.chain(Array(manifests.prefix(count)))
      #expect(chain.faults(ofNext: manifests[count], by: authority, at: now).isEmpty)
      let wrong = manifests[(count + 1) % 3]
      let kinds = chain.faults(ofNext: wrong, by: authority, at: now).map(\.kind)
      #expect(kinds.first == .missing, "\(kinds)")
    }
    var lost = manifests[0].statement
    lost.contributions = []
    #expect(
      rounds.chain([]).faults(ofNext: lost, by: authority, at: now).map(\.message)
        == ["the round has no contribution"])
  }

  /// Later stages of a round begin from models that never were the global model, but all sites of a stage
  /// begin from the same one.
  @Test func sitesOfOneStageTrainFromOneModel() throws {
    let manifests = try rounds.manifests(1)
    func stage(_ bases: [String]) throws -> Signed<RoundManifest> {
      try rounds.resigned(manifests[0]) { manifest in
        for (index, base) in bases.enumerated() {
          var statement = manifest.contributions[index + 1].statement
          (statement.stage, statement.base) = (1, digest(base))
          manifest.contributions[index + 1] = try rounds.consortium.signed(
            statement, by: #require(rounds.consortium.sites[statement.site]))
        }
      }
    }
    #expect(try kinds([stage(["between", "between"])]) == [])
    #expect(try kinds([stage(["between", "other"])]) == [.implausible])
  }
}
