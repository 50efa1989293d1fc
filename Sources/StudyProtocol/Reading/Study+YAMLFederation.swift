import FederatedCore

extension Study.Federation {
  init(reading map: MappingReader) {
    self.init(
      workflow: Study.Workflow(reading: map.required("workflow", "the name of a federated algorithm")),
      rounds: map.required("rounds", "a whole number from 1")?.integer(.from(1, to: 10_000)) ?? 1,
      weighting: map.choice("weighting", default: .samples),
      buffers: map.choice("buffers", default: .average),
      sites: map.mapping("sites") {
        Sites(
          required: $0.texts("required").map { SiteID($0) },
          minimum: $0.integer("minimum", .from(1, to: 1_000_000)))
      }, attempts: map.integer("attempts", .from(1, to: 10)),
      sampling: map.optional("sampling")?.mapping(Study.Sampling.init(reading:)),
      swarm: map.optional("swarm")?.mapping(Study.Swarm.init(reading:)),
      split: map.optional("split")?.mapping(Study.SplitLearning.init(reading:)))
  }
}

extension Study.SplitLearning {
  fileprivate init(reading map: MappingReader) {
    self.init(
      cut: map.text("cut", expected: "the place where the model is cut, such as layer2"),
      checks: map.integer("checks", .from(0, to: 1), default: 0))
  }
}

extension Study.Sampling {
  /// Reads `{sites: 3}` or `{fraction: 0.3}`.
  fileprivate init(reading map: MappingReader) {
    let sites = map.integer("sites", .from(1, to: 1_000_000))
    let fraction = map.number("fraction", .share)
    switch (sites, fraction) {
    case (let sites?, nil): self = .sites(sites)
    case (nil, let fraction?): self = .fraction(fraction)
    default:
      self = .sites(1)
      guard map.log.has(map.path("sites")) == map.log.has(map.path("fraction")) else { return }
      map.log.add("expected either a number of 'sites' or a 'fraction' of them", at: map.path)
    }
  }
}

extension Study.Swarm {
  /// Reads `{mergers: [A, B], witnesses: 1, lease: 15}`.
  fileprivate init(reading map: MappingReader) {
    self.init(
      mergers: map.texts("mergers").map { SiteID($0) },
      witnesses: map.integer("witnesses", .from(0, to: 10), default: 1),
      lease: map.integer("lease", .from(2, to: 3600), default: 15))
  }
}

extension Study.Workflow {
  /// Reads `fedavg`, or a mapping with the name and its settings.
  fileprivate init(reading reader: YAMLReader?) {
    guard let reader, reader.isMapping else {
      self.init(name: reader?.choice("a mapping with a name, or one of") ?? .fedavg)
      return
    }
    self = reader.mapping { map in
      let name: Name = map.choice("name")
      return Self(
        name: name, checked: map.settings(of: name.descriptor), order: map.choice("order", default: .fixed))
    }
  }
}

extension MappingReader {
  /// Reads the settings of all workflows, so that the check can name the workflow to which a setting belongs.
  fileprivate func settings(of workflow: WorkflowDescriptor) -> [String: Double] {
    let all = workflow.settings + WorkflowDescriptor.table.flatMap(\.settings)
    return WorkflowDescriptor.settingKeys.reduce(into: [:]) { values, key in
      guard let setting = all.first(where: { $0.key == key }) else { return }
      values[key] = number(key, setting.numberRule)
    }
  }
}

extension Study.Evaluation {
  init(reading map: MappingReader) {
    _ = map.required("metrics", "a list of metrics such as [dice]")
    let metrics: [Study.Metric] = map.choices("metrics", default: [])
    if map.optional("metrics")?.node.sequence?.isEmpty == true {
      map.log.add("expected at least one metric", at: map.path("metrics"))
    }
    self.init(
      metrics: metrics.isEmpty ? [.dice] : metrics,
      split: map.requiredMapping("split", Study.Split.init(reading:)),
      selectBestOn: map.choice("select-best-on", default: .auto),
      selectMetric: map.optional("select-metric")?.choice(),
      earlyStopping: map.optional("early-stopping")?.mapping {
        Study.EarlyStopping(
          patience: $0.required("patience", "a number of evaluations")?.integer(.from(1, to: 10_000)) ?? 1,
          minimumChange: $0.number("minimum-change", .notNegative, default: 0))
      },
      every: map.integer("every", .from(1, to: 10_000), default: 1),
      bootstrap: map.mapping("bootstrap") {
        Study.Bootstrap(
          replicates: $0.integer("replicates", .from(0, to: 100_000), default: 1000),
          confidence: $0.number("confidence", .within(0.5...0.9999), default: 0.95))
      },
      baselines: map.choices("baselines", default: [.local, .pooled]),
      aggregation: map.choice("aggregate", default: .mean))
  }
}

extension Study.Split {
  fileprivate init(reading map: MappingReader) {
    by = map.optional("by")?.text("the name of an identifier element")
    if let element = map.optional("element") {
      _ = map.required("test", "the codes of the test part, such as [test]")
      method = .assigned(
        element: element.text() ?? "", test: map.texts("test"), validation: map.texts("validation"))
    } else {
      method = .fractions(
        test: map.number("test", .fraction, default: 0.2),
        validation: map.number("validation", .fraction, default: 0.1))
    }
  }
}
