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
    ManifestFile(
      study: rounds.study, arm: "fedavg", model: rounds.model(2), round: 2,
      agreement: try rounds.consortium.agreement(signed), rounds: try rounds.manifests(3) { _ in sites })
  }

  private func review(_ file: ManifestFile, model: String? = nil) -> ManifestFile.Review {
    file.verify(
      modelDigest: model ?? rounds.model(2), fileDigest: rounds.file(2), by: rounds.consortium.authority,
      at: now)
  }

  @Test func modelOfAnyRoundIsGenuine() throws {
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
    #expect(review(file, model: digest("other")).allFaults == ["round 2 did not end with this model"])
    file.round = 9
    #expect(review(file, model: digest("other")).allFaults == ["round 9 did not end with this model"])
  }

  @Test func detectsContributionOfASiteThatDidNotSign() throws {
    let review = review(try file(signed: ["A", "B"]))
    #expect(review.allFaults == ["site 'C' contributed but did not sign the study"])
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
      error?.message == "'m.json' has the format 'consilium-manifest-1'; expected consilium-manifest-2")
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
