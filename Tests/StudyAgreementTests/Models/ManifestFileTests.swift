import Credentials
import FederatedCore
import Foundation
import StudyAgreement
import Testing

@Suite struct ManifestFileTests {
  private let rounds: ExampleRounds

  init() throws { rounds = try ExampleRounds(Consortium()) }

  private func file(_ sites: [String] = ["A", "B", "C"], signed: [String] = ["A", "B", "C"]) throws
    -> ManifestFile
  {
    let manifests = try rounds.manifests(3) { _ in sites }
    return ManifestFile(
      study: rounds.study, arm: "fedavg", model: rounds.model(2), round: 2,
      agreement: try rounds.consortium.agreement(signed), rounds: manifests,
      conclusion: try rounds.conclusion(manifests, round: 2))
  }

  private func review(_ file: ManifestFile, model: String? = nil) -> ManifestFile.Review {
    file.verify(
      modelDigest: model ?? rounds.model(2), fileDigest: rounds.file(2), by: rounds.consortium.authority,
      at: now)
  }

  @Test func modelOfTheChosenRoundIsGenuine() throws {
    let file = try file()
    let back = try ManifestFile(json: try file.json(), file: "fedavg.manifest.json")
    #expect(back == file)
    let review = review(back)
    #expect(review.isGenuine)
    #expect(review.rounds.status == .complete)
    #expect(review.agreement?.isComplete == true)
  }

  @Test func detectsAnotherModel() throws {
    var file = try file()
    #expect(review(file, model: rounds.model(3)).allFaults.count == 1)
    // Changing the name in the unsigned part of the file does not help.
    file.model = digest("other")
    let other = review(file, model: digest("other")).allFaults
    #expect(
      other == [
        "round 2 did not end with this model",
        "the result of the arm is a different model",
      ])
    file.round = 9
    #expect(review(file, model: digest("other")).allFaults[0] == "round 9 did not end with this model")
  }

  @Test func detectsContributionOfASiteThatDidNotSign() throws {
    let review = review(try file(signed: ["A", "B"]))
    #expect(review.allFaults == ["site 'C' contributed but did not sign the study"])
  }

  /// A member that withdraws cannot make the rounds invalid to which it contributed.
  @Test func siteThatWithdrewStaysAContributor() throws {
    for site in ["B", "C"] {
      var file = try file()
      let proposal = try #require(file.agreement?.proposal)
      file.agreement?.add(
        try rounds.consortium.decision(site, on: proposal, declines: "no time", revision: 2))
      let review = review(file)
      #expect(review.allFaults == [])
      #expect(review.notes == ["site '\(site)' has withdrawn; it took part until then"])
    }
  }

  @Test func detectsMissingAgreement() throws {
    var file = try file(["A", "B"], signed: ["A"])
    let faults = review(file).allFaults
    #expect(faults.contains("agreement: too few sites signed the study; these are required: 'B'"))
    file.agreement?.proposal.text += "\n# later"
    #expect(review(file).allFaults.contains { $0.contains("the study's text is not the one") })
  }

  @Test func refusesManifestOfAnEarlierFormat() {
    let old = #"{"format":"consilium-manifest-1","rounds":[{"statement":{}}]}"#
    let error = #expect(throws: ConsiliumError.self) {
      try ManifestFile(json: Data(old.utf8), file: "m.json")
    }
    #expect(
      error?.message
        == "'m.json' has the format 'consilium-manifest-1'; expected consilium-manifest-4 or an earlier one. Verify it with the version of "
        + "Consilium that made it")
  }

  @Test func manifestWithoutItsAgreementIsNotGenuine() throws {
    var file = try file()
    file.agreement = nil
    #expect(
      review(file).allFaults == [
        "the agreement is missing, so nothing shows which study the sites signed; fetch the manifest again with "
          + "'consilium study results'"
      ])
  }

  /// Each round is signed, but so is their number: nobody can cut some off, or choose another round's model.
  @Test func cutOffRoundsAndOtherRoundsAreNotTheResult() throws {
    let whole = try file()
    var cut = whole
    cut.rounds.removeLast()
    #expect(review(cut).allFaults == ["the arm ended after round 3, but the manifest ends with round 2"])
    cut.conclusion = nil
    #expect(
      review(cut).allFaults
        == ["the coordinator's conclusion is missing, so the last rounds may have been cut off"])
    var other = whole
    (other.round, other.model) = (1, rounds.model(1))
    let review = other.verify(
      modelDigest: rounds.model(1), fileDigest: rounds.file(1), by: rounds.consortium.authority, at: now)
    #expect(review.allFaults == ["the result of the arm is the model of round 2, not this one of round 1"])
  }

  @Test func conclusionIsTheCoordinators() throws {
    var file = try file()
    let statement = try #require(file.conclusion?.statement)
    file.conclusion = try rounds.consortium.signed(statement, by: rounds.consortium.lead)
    #expect(
      review(file).allFaults
        == [
          "the coordinator's conclusion is forged: it was signed by lead/lab; expected a coordinator"
        ])
    var foreign = statement
    foreign.arm = "local-A"
    file.conclusion = try rounds.consortium.signed(foreign, by: rounds.consortium.coordinator)
    #expect(review(file).allFaults == ["the coordinator's conclusion is of another study or arm"])
    var unlinked = statement
    unlinked.manifest = digest("x")
    file.conclusion = try rounds.consortium.signed(unlinked, by: rounds.consortium.coordinator)
    #expect(review(file).allFaults == ["the coordinator's conclusion follows another round 3"])
  }

  @Test func studyThatEndedEarlyIsGenuineButNotComplete() throws {
    var file = try file()
    file.conclusion = try rounds.conclusion(file.rounds, round: 2, isComplete: false)
    let review = review(file)
    #expect(review.isGenuine)
    #expect(review.shortcoming == "the study ended early, after round 3 of this arm")
  }

  /// Version 0.1 signed no conclusion, and named no entries of the sites' logs.
  @Test func manifestOfVersionOneIsVerifiedWithANote() throws {
    var manifests: [Signed<RoundManifest>] = []
    for manifest in try rounds.manifests(2) {
      manifests.append(
        try rounds.resigned(manifest) { statement in
          statement.rules = nil
          statement.previous = try manifests.last?.statement.digest()
          for index in statement.contributions.indices {
            var contribution = statement.contributions[index].statement
            contribution.auditHead = nil
            statement.contributions[index] = try rounds.consortium.signed(
              contribution, by: #require(rounds.consortium.sites[contribution.site]))
          }
        })
    }
    var file = ManifestFile(
      study: rounds.study, arm: "fedavg", model: rounds.model(2), round: 2,
      agreement: try rounds.consortium.agreement(), rounds: manifests, conclusion: nil)
    file.format = "consilium-manifest-2"
    let back = try ManifestFile(json: try file.json(), file: "m.json")
    let review = review(back)
    #expect(review.allFaults == [])
    #expect(review.notes.count == 1 && review.notes[0].hasPrefix("version 0.1 signed the rounds"))
    #expect(back.auditAnchors(of: Party(role: .site, name: "A")) == [])
  }

  @Test func roundsNameEntriesOfEveryPartysLog() throws {
    let file = try file()
    let hub = file.auditAnchors(of: rounds.consortium.coordinator.party)
    #expect(hub.map(\.sequence) == [10, 20, 30])
    #expect(file.auditAnchors(of: Party(role: .site, name: "B")).map(\.sequence) == [5, 10, 15])
    #expect(file.auditAnchors(of: Party(role: .site, name: "Z")) == [])
    #expect(file.auditAnchors(of: rounds.consortium.lead.party) == [])
  }

  @Test func modelWithoutARequiredSiteIsGenuineButPartial() throws {
    let review = review(try file(["A", "C"]))
    #expect(review.isGenuine)
    #expect(review.rounds.partialRounds.map(\.round) == [1, 2, 3])
  }

  @Test(arguments: ["", "{}", "[]", "{\"format\":\"consilium-manifest-9\"}", "x"])
  func rejectsFileThatIsNotAManifest(text: String) {
    let error = #expect(throws: ConsiliumError.self) {
      try ManifestFile(json: Data(text.utf8), file: "m.json")
    }
    #expect(error?.code == .invalidInput)
    #expect(error?.message.contains("m.json") == true)
  }

  @Test func manifestIsStoredNextToItsModel() {
    let model = URL(filePath: "/runs/1/models/fedavg.safetensors")
    #expect(ManifestFile.url(forModel: model).path == "/runs/1/models/fedavg.manifest.json")
  }
}
