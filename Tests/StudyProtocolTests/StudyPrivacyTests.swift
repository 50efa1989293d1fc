import FederatedCore
import StudyProtocol
import Testing

@Suite struct StudyPrivacyTests {
  private func clipped(_ privacy: String) -> String { lggSketch + "\nprivacy: \(privacy)\n" }

  @Test func studyWithoutTheSectionKeepsItsDigest() throws {
    let plain = try Study(yaml: lggSketch)
    #expect(plain.privacy == nil && plain.updateMechanisms.isEmpty)
    #expect(try !plain.canonicalJSON().contains("privacy"))
    #expect(try Study(yaml: clipped("{}")).digest() == plain.digest())
  }

  @Test func readsStoresAndExplainsTheBound() throws {
    let study = try Study(yaml: clipped("{clip-norm: 2.5}"))
    #expect(study.updateMechanisms.map { ($0 as? NormClip)?.bound } == [2.5])
    #expect(try Study(yaml: study.canonicalJSON()) == study)
    #expect(try study.digest() != Study(yaml: lggSketch).digest())
    let sentence = "the site scales it down if its length (the L2 norm over all parameters) is above 2.5."
    #expect(study.explanation().prose.contains(sentence))
    #expect(try !Study(yaml: lggSketch).explanation().prose.contains("scales it down"))
  }

  @Test(arguments: ["{clip-norm: 0}", "{clip-norm: -1}", "{clip-norm: .inf}", "{clip-norm: no}", "{clip: 1}"])
  func rejectsInvalidBounds(privacy: String) {
    #expect(throws: StudyDiagnostics.self) { try Study(yaml: clipped(privacy)) }
  }

  @Test func nothingLeavesUnderAnInvalidBound() async throws {
    var study = try Study(yaml: clipped("{clip-norm: 1}"))
    study.privacy?.clipNorm = .nan
    let layout = ParameterLayout(entries: [.init(name: "w", shape: [1])])
    let update = SiteUpdate(
      ModelUpdate(site: SiteID("a"), round: 1, payload: ModelParameters.zeros(layout), weight: 1),
      TrainingSummary(exampleCount: 1, stepCount: 1, loss: nil, seconds: 1))
    let gate = ReleaseGate.simulated(nil, for: study)
    await #expect(throws: ConsiliumError.self) { try await gate.release(update) }
  }

  /// The control variate that a site keeps would no longer match the update that the site sent.
  @Test func rejectsClippingWithSCAFFOLD() throws {
    let text = clipped("{clip-norm: 1}").replacing("workflow: fedavg", with: "workflow: scaffold")
      .replacing("{name: adamw, learning-rate: 1e-3}", with: "{name: sgd, learning-rate: 1e-3}")
    let error = #expect(throws: StudyDiagnostics.self) { try Study(yaml: text) }
    #expect(error.map { "\($0)" }?.contains("privacy.clip-norm") == true)
    #expect(throws: Never.self) { try Study(yaml: text.replacing("privacy: {clip-norm: 1}", with: "")) }
  }

  @Test(arguments: [
    ("{clip-norm: 1}", false), ("{clip-norm: 0.5}", false), ("{clip-norm: 1.01}", true), ("{}", true),
  ])
  func aPolicyMayDemandABound(privacy: String, refuses: Bool) throws {
    let policy = try SitePolicy(yaml: "release: {clip-norm: 1}")
    let objections = policy.objections(to: try Study(yaml: clipped(privacy)))
    #expect(objections.map(\.setting) == (refuses ? ["release.clip-norm"] : []))
    #expect(objections.refuse == refuses)
    if refuses { #expect(objections[0].message.contains("privacy.clip-norm of at most 1")) }
    #expect(policy.explanation().prose.contains("clip their length"))
    #expect(try SitePolicy(yaml: policy.canonicalJSON()) == policy)
  }

  @Test func agentsGateUsesTheStudysMechanismsAndSystemNoise() throws {
    let study = try Study(yaml: clipped("{clip-norm: 1}"))
    let gate = ReleaseGate(SitePolicy(), for: study)
    #expect(gate.mechanisms.count == 1 && gate.rules?.minimumPatients == 10 && !gate.noise.isPredictable)
    let simulated = ReleaseGate.simulated(nil, for: study)
    #expect(simulated.mechanisms.count == 1 && simulated.rules == nil && simulated.noise.isPredictable)
  }

  @Test func aPolicyNamesTheKindsOfMessagesThatLeave() throws {
    let study = try Study(yaml: lggSketch)
    let expected: [(String, [String])] = [
      ("any", []), ("[update, evaluation, statistics]", []), ("[evaluation]", ["release.kinds"]),
      ("[]", ["release.kinds", "release.kinds"]),
    ]
    for (kinds, settings) in expected {
      let policy = try SitePolicy(yaml: "release: {kinds: \(kinds)}")
      let refusing = policy.objections(to: study).filter { $0.setting == "release.kinds" }
      #expect(refusing.map(\.setting) == settings, "\(kinds)")
    }
    let names = SitePolicy.Release.MessageKind.allCases.map(\.rawValue)
    #expect(names.contains(StageMessage.Kind.update.rawValue))
    #expect(names.contains(StageMessage.Kind.evaluation.rawValue))
    let policy = try SitePolicy(yaml: "release: {kinds: [update]}")
    #expect(policy.explanation().prose.contains("Only messages of these kinds leave: update."))
    #expect(throws: (any Error).self) { try SitePolicy(yaml: "release: {kinds: [model]}") }
  }

  @Test func statisticsAreAskedForOnlyIfTheStudySaysSo() throws {
    let plain = try Study(yaml: lggSketch)
    #expect(!plain.report.statistics)
    #expect(try !plain.canonicalJSON().contains("statistics"))
    let sentence = "a site also sends statistics of the data elements"
    #expect(!plain.explanation().prose.contains(sentence))
    var asking = plain
    asking.report.statistics = true
    #expect(asking.explanation().prose.contains(sentence))
    #expect(try asking.digest() != plain.digest())
    #expect(try Study(yaml: asking.canonicalJSON()) == asking)
  }
}
