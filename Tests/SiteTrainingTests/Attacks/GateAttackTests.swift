import FederatedCore
import FederatedRuntime
import StudyProtocol
import Testing

@testable import SiteTraining

/// A lying coordinator asks an honest site with a real engine and the default policy for updates of models of
/// its own making. An attacked patient is *isolated* if an answer is the gradient of this patient alone.
@Suite(.serialized) struct GateAttackTests {
  /// The patient whose gradient is the update; `nil` if it is nobody's alone.
  private func isolated(
    by update: SiteUpdate<ModelParameters>, from model: ModelParameters, at site: AttackedSite
  ) throws -> Int? {
    let values = update.update.payload.values
    let length = values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    guard length > 0 else { return nil }
    return try site.patients.indices.first { patient in
      let own = try site.update(of: patient, from: model)
      let distance = zip(values, own).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
      return distance.squareRoot() < 1e-4 * length
    }
  }

  /// `batch-size: 1` with one step per round. Without a policy, every answer is one patient's gradient.
  @Test(arguments: AttackedSite.Model.allCases)
  func stepOnOneImageNeverLeaves(model: AttackedSite.Model) async throws {
    let training = "batch-size: 1, local-steps: 1"
    let open = try AttackedSite(model, training: training, gate: ReleaseGate())
    let start = try open.trainer.initialModel()
    var found: Set<Int> = []
    for round in 1...3 {
      let update = try await open.train(from: start, round: round)
      found.insert(try #require(try isolated(by: update, from: start, at: open)))
    }
    #expect(found.count > 1)

    let site = try AttackedSite(model, training: training)
    for round in 1...3 {
      let error = try await #require(throws: ConsiliumError.self) {
        try await site.train(from: start, round: round)
      }
      #expect(error.code == .invalidUpdate)
      #expect(error.message.contains("is based on fewer than 10 patients, the minimum of its policy"))
    }
    // The site's staff and the study lead are told before anything is trained.
    #expect(SitePolicy().objections(to: site.study).map(\.setting) == ["release.minimum-patients"])
    let findings = try Trial(
      study: site.study, data: site.trainer.data, network: site.trainer.network(), site: AttackedSite.name,
      seed: 5, minimumPatients: 10
    ).findings()
    #expect(findings.map(\.severity) == [.error])
  }

  /// Three steps of four patients are twelve patients at most, but by chance fewer than ten of eleven.
  @Test func roundsThatMayHaveTooFewPatientsAreRefusedBeforeTraining() throws {
    let site = try AttackedSite(.cnn, patients: 12, training: "batch-size: 3, local-steps: 4", rounds: 40)
    #expect(SitePolicy().objections(to: site.study).isEmpty)
    func findings(_ training: String) throws -> [String] {
      let site = try AttackedSite(.cnn, patients: 12, training: training, rounds: 40)
      return try Trial(
        study: site.study, data: site.trainer.data, network: site.trainer.network(),
        site: AttackedSite.name, seed: site.study.header.seed, minimumPatients: 10
      ).findings().map(\.message)
    }
    #expect(try findings("batch-size: 3, local-steps: 4").isEmpty)
    let found = try findings("batch-size: 3, local-steps: 3")
    #expect(
      found.first?.hasPrefix("in round 1, the update would have fewer than 10 patients behind it") == true)
  }

  /// The rehearsal is one step, as often as the coordinator asks: zeros leave.
  @Test(arguments: AttackedSite.Model.allCases)
  func rehearsalNeverIsolatesAPatient(model: AttackedSite.Model) async throws {
    let probe = try AttackedSite(model, training: "batch-size: 1, local-steps: 1")
    let gate = ReleaseGate(SitePolicy(), for: probe.study).rehearsing
    let site = try AttackedSite(model, training: "batch-size: 1, local-steps: 1", gate: gate)
    let start = try site.trainer.initialModel()
    for round in 1...3 {
      let update = try await site.train(from: start, round: round)
      #expect(update.update.payload.values.allSatisfy { $0.bitPattern == 0 })
      #expect(update.summary.loss == nil)
    }
  }

  /// The length of an update of each of the rounds, as the site's agent notes it.
  private func norms(
    of site: AttackedSite, rounds: ClosedRange<Int>, from model: inout ModelParameters
  ) async throws -> [Double] {
    var norms: [Double] = []
    for round in rounds {
      let update = try await site.train(from: model, round: round).update
      norms.append(update.payload.squaredNorm.squareRoot())
      model.add(update.payload)
    }
    return norms
  }

  /// All images go through a model in which few channels react to any of them. One answer about 24 patients
  /// is then, in these channels, the gradient of one.
  ///
  /// No rule about counts prevents this: all 24 patients are behind the update. Only differential privacy
  /// bounds what it tells about one of them. But the model jumps, so the site's log warns of it.
  @Test func craftedModelStillIsolatesPatientsButJumps() async throws {
    let site = try AttackedSite(.cnn, training: "batch-size: 24, local-epochs: 1")
    var model = try site.trainer.initialModel()
    // With FedAvg and this site alone, the step of the model is the update.
    let steps = try await norms(of: site, rounds: 1...6, from: &model)
    let usual = steps.sorted()[3]
    var found: Set<Int> = []
    for round in 7...10 {
      let crafted = try CraftedModel(model, seed: UInt64(round))
      let update = try await site.train(from: crafted.model, round: round).update
      var jump = crafted.model
      jump.add(model, scaledBy: -1)
      let times = jump.squaredNorm.squareRoot() / usual
      #expect(times > 5, "the agent warns above five times the usual step")
      let own = try crafted.isolated(by: update.payload, at: site)
      found.formUnion(own)
      print(
        "crafted CNN, round \(round): isolates \(own.sorted()), step \(times) times, update "
          + "\(update.payload.squaredNorm.squareRoot() / usual) times as long as usual")
    }
    print("crafted CNN: \(found.count) of 24 patients isolated by 4 updates")
    #expect(!found.isEmpty)
  }

  /// The share of the patient with the largest gradient in the squared gradients of all patients, under a
  /// model whose last layer the coordinator has scaled.
  private func dominance(_ model: ModelParameters, scaledBy factor: Float, at site: AttackedSite) throws
    -> Double
  {
    var values = model.values
    let trainable = model.layout.entries.filter { $0.role == .trainable }
    var offset = 0
    for entry in model.layout.entries {
      if trainable.suffix(2).contains(entry) {
        for index in offset..<(offset + entry.count) { values[index] *= factor }
      }
      offset += entry.count
    }
    let scaled = ModelParameters(layout: model.layout, values: values)
    let squares = try site.patients.indices.map { patient in
      try site.update(of: patient, from: scaled).reduce(0.0) { $0 + Double($1) * Double($1) }
    }
    return (squares.max() ?? 0) / squares.reduce(0, +)
  }

  /// Saturated scores leave gradients to the patients on which the model errs. What the gate can do about it
  /// is limited to the norm that the study states.
  @Test(arguments: AttackedSite.Model.allCases)
  func scaledLastLayerMakesFewPatientsDominateWithinTheClip(model kind: AttackedSite.Model) async throws {
    let site = try AttackedSite(kind, training: "batch-size: 24, local-epochs: 5")
    var model = try site.trainer.initialModel()
    _ = try await norms(of: site, rounds: 1...3, from: &model)
    let shares = try [1, 10].map { try dominance(model, scaledBy: $0, at: site) }
    print(
      "scaled last layer of the \(kind.rawValue) (1, 10): share of one of 24 patients \(shares)")
    #expect(shares[0] >= 1.0 / 24 && shares[1] > shares[0])
    // The study's norm holds whatever the coordinator sends.
    let gate = ReleaseGate(
      mechanisms: [try NormClip(bound: 0.01)], rules: ReleaseGate(SitePolicy(), for: site.study).rules)
    let clipped = try AttackedSite(kind, training: "batch-size: 24, local-epochs: 1", gate: gate)
    model.scale(by: 50)
    let update = try await clipped.train(from: model, round: 1).update
    #expect(update.payload.squaredNorm.squareRoot() <= 0.01)
  }
}
