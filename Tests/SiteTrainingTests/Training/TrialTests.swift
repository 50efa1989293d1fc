import FederatedCore
import StudyProtocol
import Testing
import Torch

@testable import SiteTraining

@Suite(.serialized) struct TrialTests {
  private func findings(_ study: Study, _ data: SessionData, _ network: Network) throws -> [DataFinding] {
    try Trial(study: study, data: data, network: network, site: SiteID("north"), seed: 5).findings()
  }

  @Test func leavesTheNetworkAsItWas() throws {
    let study = try SmallStudy.table()
    let network = try SmallStudy.network(study)
    let before = try network.export()
    #expect(try findings(study, SmallStudy.data(count: 20), network).isEmpty)
    #expect(try network.export() == before)
    #expect(try network.state.entries.allSatisfy { try ($0.tensor.grad?.norm().item() ?? 0) == 0 })
  }

  @Test func siteWithoutTrainingExamplesIsAFinding() throws {
    let study = try SmallStudy.table()
    let found = try findings(study, SmallStudy.data(count: 10, part: .test), SmallStudy.network(study))
    #expect(found.map(\.severity) == [.error])
    #expect(found.first?.message.hasPrefix("no training example is left") == true)
  }

  @Test func lossThatIsNotANumberIsAFinding() throws {
    let study = try SmallStudy.table()
    let data = SessionData(
      source: TableSource(rows: [[.infinity, 1], [1, -.infinity]], targets: .classes([0, 1])),
      patients: [.init(site: SiteID("north"), part: .training, records: [0..<2])])
    let found = try findings(study, data, SmallStudy.network(study))
    #expect(found.first?.message.hasPrefix("the loss of the untrained model is not a number") == true)
  }

  /// A model of two inputs for a table of three columns, as an example of a problem that only a step reveals.
  @Test func errorOfTheEngineIsAFindingOfOneLine() throws {
    let study = try SmallStudy.table()
    let data = SessionData(
      source: TableSource(rows: [[1, 2, 3], [4, 5, 6]], targets: .classes([0, 1])),
      patients: [.init(site: SiteID("north"), part: .training, records: [0..<2])])
    let found = try findings(study, data, SmallStudy.network(study))
    #expect(found.count == 1 && found.first?.site == SiteID("north"))
    #expect(
      found.first?.message.hasPrefix("the model cannot take a training step on the site's data: ") == true)
    #expect(found.first?.message.contains("\n") == false)
  }

  /// Rounds that see fewer patients than the site's policy demands are found before anything is trained.
  @Test(
    arguments: [
      (1, "local-steps: 1", 10, 1), (3, "local-steps: 3", 10, 1), (5, "local-steps: 2", 10, nil),
      (1, "local-steps: 20", 10, nil), (8, "local-epochs: 1", 20, nil), (8, "local-epochs: 1", 21, 1),
      (1, "local-steps: 1", 1, nil),
    ] as [(Int, String, Int, Int?)])
  func roundOfTooFewPatientsIsAFinding(batchSize: Int, amount: String, minimum: Int, round: Int?) throws {
    let text = try SmallStudy.table(batchSize: batchSize).canonicalJSON()
    let study = try Study(
      canonicalJSON: text.replacing(
        "\"local-epochs\":1",
        with: amount.replacing("local", with: "\"local")
          .replacing(":", with: "\":")))
    var data = SmallStudy.data(count: 20)
    data = SessionData(
      source: data.source,
      patients: data.patients.enumerated().map { index, patient in
        var patient = patient
        patient.hash = UInt64(index)
        return patient
      })
    let network = try SmallStudy.network(study)
    let found = try Trial(
      study: study, data: data, network: network, site: SiteID("north"), seed: 5, minimumPatients: minimum
    ).findings()
    #expect(found.count == (round == nil ? 0 : 1))
    guard let round else { return }
    #expect(found[0].severity == .error)
    #expect(
      found[0].message.hasPrefix(
        "in round \(round), the update would have fewer than \(minimum) patients behind it, the minimum of the site's policy; "
          + "ask the study lead for "))
    let isWhole = amount.hasPrefix("local-epochs")
    #expect(
      found[0].message.hasSuffix(
        isWhole
          ? "a training set of more patients (evaluation.split)"
          : "more training.local-steps or a larger training.local-fraction, a larger training.batch-size, or training.local-epochs"
      ))
  }
}
