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
