import FederatedAlgorithms
import FederatedCore
import FederatedTesting
import StudyProtocol
import Testing

/// Laws that hold for every row of the table of workflows. They also test each new row.
@Suite struct WorkflowTableTests {
  static let names = Study.Workflow.Name.allCases
  /// Every pair of a workflow and one of its settings.
  static let settings = names.flatMap { name in name.descriptor.settings.map { (name.rawValue, $0.key) } }

  @Test func namesAreUnique() {
    #expect(Set(Self.names).count == WorkflowDescriptor.table.count)
    for row in WorkflowDescriptor.table {
      #expect(row.name.wholeMatch(of: /[a-z0-9-]+/) != nil)
      #expect(Set(row.settings.map(\.key)).count == row.settings.count)
      #expect(row.settings.allSatisfy { $0.allows($0.defaultValue) })
    }
  }

  @Test(arguments: names) func readsEveryRow(name: Study.Workflow.Name) throws {
    let study = try study(name)
    #expect(study.federation.workflow == Study.Workflow(name: name))
    #expect(try Study(yaml: study.canonicalJSON()) == study)
    #expect(try Study(canonicalJSON: study.canonicalJSON()) == study)
    #expect(try SitePolicy(yaml: "accept: {workflows: [\(name.rawValue)]}").accept.workflows == [name])
    #expect(!name.descriptor.summary.isEmpty && name.descriptor.summary.hasSuffix("."))
  }

  @Test(arguments: settings) func readsEverySetting(name: String, key: String) throws {
    let (name, setting) = try row(name, key)
    let usual = try study(name)
    #expect(try study(name, "\(key): \(setting.defaultValue)").digest() == usual.digest())
    for value in changes(of: setting) {
      let changed = try study(name, "\(key): \(value)")
      #expect(changed.federation.workflow.settings[key] == value)
      #expect(try changed.digest() != usual.digest())
      #expect(try changed.canonicalJSON().contains("\"\(key)\":\(value.formatted)"))
      let said = "\(key) is \(value.formatted) (\(setting.meaning))"
      #expect(changed.explanation().prose.contains(said))
      #expect(!usual.explanation().prose.contains(said))
    }
  }

  @Test(arguments: settings) func rejectsValuesOutsideTheRange(name: String, key: String) throws {
    let (name, setting) = try row(name, key)
    let wrong = [-1, 0, 1, 2, 0.999_999_999, 1e-60, 1e60].filter { !setting.allows($0) }
    #expect(!wrong.isEmpty)
    for value in wrong {
      let error = #expect(throws: StudyDiagnostics.self) { try study(name, "\(key): \(value)") }
      let faults = error?.diagnostics ?? []
      #expect(faults.map(\.path) == ["federation.workflow.\(key)"])
      #expect(faults.first?.message.hasPrefix("expected \(setting.expected), found the number") == true)
    }
  }

  @Test(arguments: settings) func everySettingChangesTheModel(name: String, key: String) async throws {
    let (name, setting) = try row(name, key)
    let usual = try await model(Study.Workflow(name: name))
    var models: [ModelParameters] = []
    for value in changes(of: setting) {
      models.append(try await model(Study.Workflow(name: name, settings: [key: value])))
    }
    guard key != "patience" else { return }
    #expect(models.contains { $0 != usual })
  }

  /// The losses of the reference trainer fall in every turn, so patience matters only if small falls do not
  /// count as improvements.
  @Test(arguments: ["iil", "ciil"]) func patienceChangesTheModel(name: String) async throws {
    let name = try #require(Study.Workflow.Name(rawValue: name))
    var hasEffect = false
    for change in [0.005, 0.01, 0.02, 0.05] {
      let models = try await [1, 3].asyncMap { patience in
        try await model(
          Study.Workflow(name: name, settings: ["patience": patience, "minimum-change": change]))
      }
      hasEffect = hasEffect || models[0] != models[1]
    }
    #expect(hasEffect)
  }

  @Test(arguments: names) func rejectsSettingsOfOtherWorkflows(name: Study.Workflow.Name) {
    let own = name.descriptor.settings.map(\.key)
    for setting in WorkflowDescriptor.table.flatMap(\.settings) where !own.contains(setting.key) {
      let error = #expect(throws: StudyDiagnostics.self) {
        try study(name, "\(setting.key): \(setting.defaultValue)")
      }
      #expect(error?.description.contains("the workflow '\(name.rawValue)' has no such setting") == true)
    }
  }

  @Test(arguments: names) func weightingHasTheStatedEffect(name: Study.Workflow.Name) async throws {
    guard name.descriptor.exchange == .star else { return }
    let samples = try await model(Study.Workflow(name: name))
    let equal = try await model(Study.Workflow(name: name), weighting: .equal)
    #expect((samples != equal) == (name.descriptor.weighting == .study))
  }

  @Test(arguments: names) func sumSufficesIfStated(name: Study.Workflow.Name) throws {
    guard name.descriptor.exchange == .star else { return }
    func combine<S: Strategy>(_ strategy: S) throws -> Float {
      var aggregator = strategy.makeAggregator()
      for (site, value) in [0, 0, 0, 0, 20].enumerated() {
        let layout = ParameterLayout(entries: [.init(name: "w", shape: [1])])
        let part = ModelParameters(layout: layout, values: [Float(value)])
        let payload = S.Combiner.Payload(parts: S.Combiner.Payload.partNames.map { _ in part })
        try aggregator.add(ModelUpdate(site: SiteID("\(site)"), round: 1, payload: payload, weight: 1))
      }
      return try aggregator.finish().payload.parts[0].values[0]
    }
    let mean = try combine(Study.Workflow(name: name).algorithm().strategy)
    #expect((mean == 4) == name.descriptor.needsOnlySum)
  }

  @Test(arguments: names, ["sgd", "sgd with momentum", "adam", "adamw"])
  func rejectsUnsuitableOptimizers(name: Study.Workflow.Name, optimizer: String) {
    let isPlain = optimizer == "sgd"
    let isSGD = optimizer.hasPrefix("sgd")
    let settings = isSGD && !isPlain ? ", momentum: 0.9" : ""
    let yaml = sketch(name).replacing("name: sgd", with: "name: \(isSGD ? "sgd" : optimizer)\(settings)")
    let fits = isPlain || name.descriptor.optimizers == .any
    #expect(((try? Study(yaml: yaml)) != nil) == fits)
  }

  // MARK: Support

  private func row(_ name: String, _ key: String) throws -> (Study.Workflow.Name, WorkflowSetting) {
    let name = try #require(Study.Workflow.Name(rawValue: name))
    return (name, try #require(name.descriptor.settings.first { $0.key == key }))
  }

  private func changes(of setting: WorkflowSetting) -> [Double] {
    [setting.defaultValue / 2, 0.25, 0.4375, 0.75, 3].filter {
      setting.allows($0) && $0 != setting.defaultValue
    }
  }

  private func sketch(_ name: Study.Workflow.Name, _ settings: String = "") -> String {
    let separator = settings.isEmpty ? "" : ", "
    return heartSketch.replacing(
      "workflow: fedavg", with: "workflow: {name: \(name.rawValue)\(separator)\(settings)}"
    ).replacing("rounds: 5", with: "rounds: \(name.descriptor.cycles ?? 5)")
  }

  private func study(_ name: Study.Workflow.Name, _ settings: String = "") throws -> Study {
    try Study(yaml: sketch(name, settings))
  }

  /// The model after three rounds of five sites.
  private func model(_ workflow: Study.Workflow, weighting: UpdateWeighting = .samples) async throws
    -> ModelParameters
  {
    func run(_ strategy: some Strategy) async throws -> ModelParameters {
      var run = ReferenceRun(
        strategy: strategy, trainers: ReferenceTrainer.sites(5), weighting: weighting)
      try await run.advance(to: 3)
      return run.model
    }
    return try await run(workflow.algorithm().strategy)
  }
}

extension [Double] {
  fileprivate func asyncMap<T>(_ transform: (Double) async throws -> T) async rethrows -> [T] {
    var values: [T] = []
    for element in self { values.append(try await transform(element)) }
    return values
  }
}

extension Double {
  /// The number as `0.5`, or as `3` if it is whole.
  fileprivate var formatted: String { rounded() == self ? String(Int(self)) : String(self) }
}
