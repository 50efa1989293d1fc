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
}
