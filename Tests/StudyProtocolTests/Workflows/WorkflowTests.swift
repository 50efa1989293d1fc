import FederatedAlgorithms
import FederatedCore
import Foundation
import Testing

@testable import StudyProtocol

@Suite struct WorkflowTests {
  @Test func settingsReachTheStrategy() throws {
    let prox = try Study.Workflow(name: .fedprox, settings: ["proximal-mu": 0.3]).algorithm()
    #expect((prox.strategy as? FedProx)?.mu == 0.3)
    let adam = try Study.Workflow(
      name: .fedadam, settings: ["server-learning-rate": 0.5, "beta1": 0.1, "beta2": 0.2, "tau": 0.3]
    ).algorithm()
    let strategy = try #require(adam.strategy as? FedAdam)
    #expect([strategy.learningRate, strategy.beta1, strategy.beta2, strategy.tau] == [0.5, 0.1, 0.2, 0.3])
    #expect(Study.Workflow(name: .cyclic).algorithm().topology is Ring)
    #expect(Study.Workflow(name: .median).algorithm().topology is Star)
  }

  @Test func settingsHaveDefaults() {
    let workflow = Study.Workflow(name: .fedadam)
    #expect(
      workflow.settings == ["server-learning-rate": 0.01, "beta1": 0.9, "beta2": 0.99, "tau": 0.001])
    #expect(Study.Workflow(name: .fedavg).settings.isEmpty)
  }

  @Test(
    arguments: [
      ("fedprox", ["mu": 1], "the workflow 'fedprox' has no setting 'mu'; expected proximal-mu"),
      ("fedprox", ["proximal-mu": -1], "expected a number from 0"),
      ("fedprox", ["proximal-mu": .nan], "expected a number from 0"),
      ("fedprox", ["proximal-mu": .infinity], "expected a number from 0"),
      ("fedadam", ["beta1": 1], "from 0 to below 1"),
      // In single precision, this number is 1.
      ("fedadam", ["beta1": 0.999_999_999], "from 0 to below 1"),
      ("fedadam", ["tau": 0], "expected a number above 0"),
      // In single precision, this number is 0.
      ("fedadam", ["tau": 1e-60], "expected a number above 0"),
      ("fedavg", ["beta1": 0.5], "expected none"),
    ] as [(String, [String: Double], String)])
  func wrongSettingsAreRefused(name: String, settings: [String: Double], fault: String) throws {
    let name = try #require(Study.Workflow.Name(rawValue: name))
    let error = try #require(throws: ConsiliumError.self) {
      try Study.Workflow(name: name, settings: settings)
    }
    #expect(error.code == .invalidInput)
    #expect(error.message.contains(fault), "\(error.message)")
  }

  @Test(arguments: ["fedagv", "", "FedAvg"]) func unknownNamesAreNil(name: String) {
    #expect(Study.Workflow.Name(rawValue: name) == nil)
  }

  /// A setting that the study states is refused with its line and column.
  @Test(arguments: [
    (
      "{name: fedadam, beta1: 1}",
      "8:47: error: federation.workflow.beta1: expected a number from 0 to below 1"
    ),
    ("{name: fedadam, tau: 1e-60}", "8:45: error: federation.workflow.tau: expected a number above 0"),
    ("{name: fedprox, mu: 1}", "unknown key; expected one of name, proximal-mu,"),
    ("{name: fedprox, proximal-nu: 1}", "Did you mean 'proximal-mu'?"),
    ("{name: fedprx}", "Did you mean 'fedprox'?"),
    ("{proximal-mu: 1}", "'name' is missing; expected one of fedavg, fedprox"),
  ])
  func faultsNameTheirPlace(workflow: String, message: String) {
    let yaml = heartSketch.replacing("workflow: fedavg", with: "workflow: \(workflow)")
    let error = #expect(throws: StudyDiagnostics.self) { try Study(yaml: yaml, file: "s") }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  /// A fifth of four sites, rounded down, is none.
  @Test(arguments: [
    ("required: [a, b, c, d]", 0.2, false), ("required: [a, b, c, d]", 0.25, true),
    ("required: [a, b, c, d], minimum: 5", 0.2, true), ("minimum: 3", 0.3, false),
    ("required: []", 0.2, true),
    ("required: [a]", 0, true),
  ])
  func aTrimmedMeanThatTrimsNothingIsRefused(sites: String, trim: Double, isAccepted: Bool) throws {
    let yaml = heartSketch.replacing(
      "workflow: fedavg", with: "workflow: {name: trimmed-mean, trim: \(trim)}, sites: {\(sites)}")
    guard !isAccepted else {
      let text = try Study(yaml: yaml).explanation().prose
      #expect(text.contains("no value is left out") == (trim > 0))
      return
    }
    let error = #expect(throws: StudyDiagnostics.self) { try Study(yaml: yaml) }
    #expect(error?.diagnostics.map(\.path) == ["federation.workflow"])
    #expect(error?.description.contains("no value is left out; set a larger trim") == true)
  }

  /// A study that states the usual order is the study that does not state it.
  @Test func usualOrderIsLeftOut() throws {
    func study(_ workflow: String) throws -> Study {
      try Study(yaml: heartSketch.replacing("workflow: fedavg", with: "workflow: \(workflow)"))
    }
    let usual = try study("cyclic")
    #expect(try study("{name: cyclic, order: fixed}").digest() == usual.digest())
    #expect(try !usual.canonicalJSON().contains("order"))
    for (name, order) in [("rotated", CycleOrder.rotated), ("random", .random)] {
      let other = try study("{name: cyclic, order: \(name)}")
      #expect(other.federation.workflow.order == order)
      #expect(try other.canonicalJSON().contains(#""workflow":{"name":"cyclic","order":"\#(name)"}"#))
      #expect(try Study(canonicalJSON: other.canonicalJSON()) == other)
    }
  }

  @Test(arguments: [
    ("cyclic", Ring.Order.fixed), ("{name: cyclic, order: rotated}", .rotated),
    ("{name: cyclic, order: random}", .random(seed: 0)), ("ciil", .fixed),
  ])
  func orderReachesTheRing(workflow: String, order: Ring.Order) throws {
    let study = try Study(yaml: heartSketch.replacing("workflow: fedavg", with: "workflow: \(workflow)"))
    let topology = study.algorithm(of: study.federation.workflow, sites: sites).topology
    for round in 1...4 {
      #expect(
        topology.plan(round: round, participants: sites)
          == Ring(order: order).plan(round: round, participants: sites))
    }
  }

  private let sites = ["a", "b", "c", "d", "e"].map { SiteID($0) }

  @Test(arguments: [
    ("{sites: 2}", 2, #""sampling":{"sites":2}"#), ("{sites: 9}", 5, #""sampling":{"sites":9}"#),
    ("{fraction: 0.5}", 3, #""sampling":{"fraction":0.5}"#),
    ("{fraction: 0.01}", 1, #""sampling":{"fraction":0.01}"#),
    ("{fraction: 1}", 5, #""sampling":{"fraction":1}"#),
  ])
  func sitesAreDrawn(sampling: String, count: Int, json: String) throws {
    let yaml = heartSketch.replacing("rounds: 5", with: "rounds: 5, sampling: \(sampling)")
    let study = try Study(yaml: yaml)
    #expect(try study.canonicalJSON().contains(json))
    #expect(try Study(canonicalJSON: study.canonicalJSON()) == study)
    #expect(try study.digest() != Study(yaml: heartSketch).digest())
    let topology = study.algorithm(of: study.federation.workflow, sites: sites).topology
    let plans = (1...3).map { topology.plan(round: $0, participants: sites).members.count }
    #expect(plans == [count, count, count])
    #expect(study.federation.fewestSites(of: 5) == count)
    // A model that visits every site draws none.
    let cycle = study.algorithm(of: Study.Workflow(name: .cyclic), sites: sites).topology
    #expect(cycle.plan(round: 1, participants: sites).members == sites)
  }

  @Test(arguments: [
    ("{}", Study.Swarm(), #""swarm":{"lease":15,"mergers":[],"witnesses":1}"#),
    (
      "{mergers: [a, b], witnesses: 0, lease: 60}",
      Study.Swarm(mergers: ["a", "b"].map { SiteID($0) }, witnesses: 0, lease: 60),
      #""swarm":{"lease":60,"mergers":["a","b"],"witnesses":0}"#
    ),
  ])
  func aSwarmIsPartOfTheStudy(swarm: String, expected: Study.Swarm, json: String) throws {
    let study = try Study(yaml: heartSketch.replacing("rounds: 5", with: "rounds: 5, swarm: \(swarm)"))
    #expect(study.federation.swarm == expected)
    #expect(try study.canonicalJSON().contains(json))
    #expect(try Study(canonicalJSON: study.canonicalJSON()) == study)
    #expect(try study.digest() != Study(yaml: heartSketch).digest())
    #expect(try !Study(yaml: heartSketch).canonicalJSON().contains("swarm"))
  }

  @Test func samplingIsLeftOutOfOtherStudies() throws {
    let study = try Study(yaml: heartSketch)
    #expect(try !study.canonicalJSON().contains("sampling"))
    #expect(try !study.canonicalJSON().contains("local-fraction"))
    #expect(study.federation.fewestSites(of: nil) == nil)
    #expect(study.federation.fewestSites(of: 4) == 4)
  }

  @Test func localFractionIsAnAmount() throws {
    let study = try Study(
      yaml: heartSketch.replacing("batch-size: 4", with: "batch-size: 4, local-fraction: 0.5"))
    #expect(study.training.amount == .fraction(0.5))
    #expect(try study.canonicalJSON().contains(#""local-fraction":0.5"#))
    #expect(try Study(canonicalJSON: study.canonicalJSON()) == study)
  }

  /// Trimming needs enough sites among those that are drawn.
  @Test(arguments: [(4, false), (5, true)]) func drawnSitesSufficeForTrimming(count: Int, isAccepted: Bool) {
    let yaml = heartSketch.replacing(
      "workflow: fedavg", with: "workflow: trimmed-mean, sampling: {sites: \(count)}")
    #expect(((try? Study(yaml: yaml)) != nil) == isAccepted)
  }

  /// Studies from before the setting was added keep their digest.
  @Test(arguments: [(0.5, #"{"name":"old","old":1}"#), (0.25, #"{"name":"old","new":0.25,"old":1}"#)])
  func laterSettingIsLeftOutAtItsDefault(value: Double, json: String) throws {
    let row = WorkflowDescriptor(
      "old", title: "Old", paper: "none",
      settings: [
        .init("old", 1, .positive, "a number"), .init("new", 0.5, .positive, "a number", isAddedLater: true),
      ], round: "Nothing happens", summary: "Nothing."
    ) { _ in FedAvg() }
    let workflow = try Study.Workflow(name: .init(row), settings: ["new": value])
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    #expect(String(decoding: try encoder.encode(workflow), as: UTF8.self) == json)
  }

  @Test func rejectsWeightsThatSCAFFOLDWouldIgnore() throws {
    func study(_ weighting: String) throws -> Study {
      try Study(
        yaml: heartSketch.replacing("workflow: fedavg", with: "workflow: scaffold, weighting: \(weighting)")
          .replacing("batch-size: 4", with: "batch-size: 4, class-weights: {absent: 1, present: 2}"))
    }
    #expect(throws: StudyDiagnostics.self) { try study("class-weights") }
    for weighting in ["samples", "equal"] {
      let text = try study(weighting).explanation().prose
      #expect(text.contains("the models are averaged; each site has the same weight."))
    }
  }
}
