import FederatedCore
import StudyProtocol

/// The page `Documentation/Choices.md`, generated from the tables in the code.
enum ChoicesPage {
  static var text: String {
    [
      introduction, workflows, orders, weightings, steps("Preprocessing", PreprocessingStep.descriptors),
      steps("Augmentation", AugmentationStep.descriptors), models, losses, metrics,
    ].joined(separator: "\n\n") + "\n"
  }

  private static let introduction = """
    # Choices and their combinations

    The choices of a study file, and how they can be combined. Combinations that are not in these tables are refused when
    the study is read, with line and column. [Examples](../Examples/README.md) describes the whole study file.

    `make pages` generates this page from the tables in the code; a test compares the two. Keys marked * are required.
    """

  // MARK: Federation

  private static var workflows: String {
    let rows = WorkflowDescriptor.table.map { row in
      [
        "`\(row.name)`", "\(row.title) (\(row.paper))", row.settings.map(text).joined(separator: "<br>"),
        row.optimizers == .any ? "any" : "`sgd` without momentum", "any", weighting(row), row.aggregator,
        row.exchange == .star ? "all at once" : "site to site", sent(row), row.needsOnlySum ? "yes" : "no",
      ]
    }
    return """
      ## Workflows

      `federation.workflow`, as a name or with settings: `{name: fedprox, proximal-mu: 0.1}`.

      \(table(["workflow", "algorithm", "settings", "optimizer", "loss", "`weighting`", "aggregate", "sites train", "a site sends", "the sum suffices"], rows))

      The last column is about privacy. If the sum of the updates suffices, the server could do its part without seeing the update of a
      single site. Otherwise the server, or the next site, must see each update.

      Workflows whose sites train all at once also run as a swarm, without a server (`federation.swarm`): each site that merges then
      sees each update.
      """
  }

  private static func text(_ setting: WorkflowSetting) -> String {
    "`\(setting.key)` \(setting.defaultValue.text): \(setting.meaning); \(setting.expected)"
  }

  private static func weighting(_ row: WorkflowDescriptor) -> String {
    switch row.weighting {
    case .study: "as the study states"
    case .equal: "all sites have the same weight"
    case .none: "none"
    }
  }

  private static func sent(_ row: WorkflowDescriptor) -> String {
    switch row.sent {
    case .changes: "changes of the parameters"
    case .changesAndControlVariate: "changes of the parameters and of the control variate"
    case .model: "the parameters"
    }
  }

  private static var orders: String {
    let rows = CycleOrder.allCases.map {
      ["`\($0.rawValue)`", $0.meaning + ($0 == .fixed ? " (the default)" : "")]
    }
    return "`federation.workflow.order`, of workflows that go from site to site:\n\n"
      + table(["order", "the order of the sites in a cycle"], rows)
  }

  private static var weightings: String {
    let use = [
      "samples": "the number of training examples (the default)", "equal": "the same for each site",
      "class-weights":
        "the number of training examples, each with the weight of its class; for classification with agreed `class-weights`",
    ]
    let rows = UpdateWeighting.allCases.map { ["`\($0.rawValue)`", use[$0.rawValue] ?? ""] }
    return "`federation.weighting`:\n\n" + table(["weighting", "weight of an update"], rows)
  }

  // MARK: Data

  private static func steps(_ title: String, _ steps: [StepDescriptor]) -> String {
    let rows = steps.map { step in
      [
        "`\(step.name)`", step.effect + (step.isUnique ? "; once" : ""), step.inputs.rawValue,
        keys(step.keys), "`{\(step.name): \(step.example)}`",
      ]
    }
    return "## \(title)\n\n" + table(["step", "effect", "for", "keys", "example"], rows)
  }

  private static func keys(_ keys: [StepDescriptor.Key]) -> String {
    keys.map { key in
      switch key.presence {
      case .required: "`\(key.name)`\\*: \(key.meaning)"
      case .optional: "`\(key.name)`: \(key.meaning)"
      case .defaultValue(let value): "`\(key.name)` \(value): \(key.meaning)"
      }
    }.joined(separator: "<br>")
  }

  // MARK: Model, loss, metrics

  private static var models: String {
    let rows = Study.Model.Architecture.allCases.map { name in
      let row = name.descriptor
      return [
        "`\(name.rawValue)`", row.purpose.rawValue,
        row.dimensions.map { "\($0)" }.joined(separator: " or "), keys(row.settings),
        cuts(of: name),
      ]
    }
    return "## Models\n\n"
      + table(["`model.architecture`", "for", "dimensions", "keys", "`federation.split.cut`"], rows)
  }

  /// The cuts of a model with three hidden layers or levels, or with as many as the architecture has.
  private static func cuts(of name: Study.Model.Architecture) -> String {
    let model = Study.Model(architecture: name, channels: [8, 16, 32], hidden: [8, 8, 8])
    guard let last = model.cuts.last else { return "none" }
    let isOpen = name == .mlp || name.descriptor.settings.contains { $0.name == "channels" }
    return isOpen
      ? "`\(model.cuts[0])`, `\(last)` …, one fewer than levels" : list(model.cuts.map { "`\($0)`" })
  }

  private static var losses: String {
    let rows = Study.Training.Loss.allCases.map { name in
      [
        "`\(name.rawValue)`", list(name.descriptor.tasks.map(\.rawValue)),
        list(name.descriptor.settings.map { "`\($0.rawValue)`" }),
      ]
    }
    return "## Losses\n\n" + table(["`training.loss`", "tasks", "its keys of `training`"], rows)
      + "\n\n`binary-cross-entropy` is for two classes. `logit-adjustment` cannot be combined with `class-weights` or "
      + "`absent-classes`."
  }

  private static var metrics: String {
    let rows = Study.Metric.allCases.map { name in
      [
        "`\(name.rawValue)`", list(name.tasks.map(\.rawValue)), name.higherIsBetter ? "higher" : "lower",
        name.descriptor().meaning,
      ]
    }
    return "## Metrics\n\n" + table(["`evaluation.metrics`", "tasks", "better if", "meaning"], rows)
  }

  // MARK: Text

  private static func list(_ items: [String]) -> String { items.joined(separator: ", ") }

  private static func table(_ titles: [String], _ rows: [[String]]) -> String {
    ([titles, titles.map { _ in "---" }] + rows).map { "| \($0.joined(separator: " | ")) |" }
      .joined(separator: "\n")
  }
}

extension Double {
  fileprivate var text: String { rounded() == self ? String(Int(self)) : String(self) }
}
