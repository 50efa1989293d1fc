import FederatedCore

/// The workflows that a study may name; a new one is its own file and a line here.
public enum WorkflowRegistry {
  private static let entries: [Entry] = [
    Entry("fedavg") { _ in Workflow(FedAvg()) },
    Entry("fedprox", ["proximal-mu": Setting(0.01, in: 0...)]) {
      Workflow(FedProx(mu: $0["proximal-mu"]))
    },
    Entry(
      "fedadam",
      [
        "server-learning-rate": Setting(0.01, in: Double.leastNonzeroMagnitude...),
        "beta1": Setting(0.9, in: 0...(1 - 0x1p-24)), "beta2": Setting(0.99, in: 0...(1 - 0x1p-24)),
        "tau": Setting(1e-3, in: Double.leastNonzeroMagnitude...),
      ]
    ) {
      Workflow(
        FedAdam(
          learningRate: $0["server-learning-rate"], beta1: $0["beta1"], beta2: $0["beta2"], tau: $0["tau"]))
    },
    Entry("scaffold", ["server-learning-rate": Setting(1, in: Double.leastNonzeroMagnitude...)]) {
      Workflow(Scaffold(serverLearningRate: $0["server-learning-rate"]))
    },
    Entry("median") { _ in Workflow(FedMedian()) },
    Entry("cyclic") { _ in Workflow(FedAvg(), over: Ring()) },
    Entry("cyclic-rotated") { _ in Workflow(FedAvg(), over: Ring(order: .rotated)) },
  ]

  /// The names of all workflows.
  public static var names: [String] { entries.map(\.name) }

  /// - Parameter settings: those that differ from their usual values.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` where the name or a setting is not known or out of its range.
  public static func workflow(named name: String, settings: [String: Double] = [:]) throws(ConsiliumError)
    -> Workflow
  {
    guard let entry = entries.first(where: { $0.name == name }) else {
      throw ConsiliumError(
        .invalidInput, "there is no workflow '\(name)'; expected one of \(names.joined(separator: ", "))")
    }
    return entry.make(try entry.values(settings))
  }
}

/// One line of the registry.
private struct Entry: Sendable {
  let name: String
  let settings: [String: Setting]
  let make: @Sendable (Values) -> Workflow

  init(
    _ name: String, _ settings: [String: Setting] = [:], make: @escaping @Sendable (Values) -> Workflow
  ) {
    (self.name, self.settings, self.make) = (name, settings, make)
  }

  func values(_ given: [String: Double]) throws(ConsiliumError) -> Values {
    var values = settings.mapValues(\.usual)
    for (key, value) in given.sorted(by: { $0.key < $1.key }) {
      guard let setting = settings[key] else {
        let known = settings.keys.sorted().joined(separator: ", ")
        throw ConsiliumError(
          .invalidInput,
          "workflow '\(name)' has no setting '\(key)'; expected \(known.isEmpty ? "none" : known)")
      }
      guard value.isFinite, setting.range.contains(value) else {
        throw ConsiliumError(
          .invalidInput,
          "setting '\(key)' of workflow '\(name)' is \(value); expected \(setting.expectation)")
      }
      values[key] = value
    }
    return Values(values: values)
  }
}

/// A setting's usual value and its range.
private struct Setting: Sendable {
  let usual: Double
  let range: ClosedRange<Double>

  init(_ usual: Double, in range: ClosedRange<Double>) { (self.usual, self.range) = (usual, range) }
  init(_ usual: Double, in range: PartialRangeFrom<Double>) {
    self.init(usual, in: range.lowerBound...Double.greatestFiniteMagnitude)
  }

  var expectation: String {
    switch (range.lowerBound, range.upperBound) {
    case (0, .greatestFiniteMagnitude): "a number of at least 0"
    case (0, _): "a number from 0 to below 1"
    default: "a positive number"
    }
  }
}

/// All settings of a workflow, given or usual.
private struct Values: Sendable {
  let values: [String: Double]
  /// A line of the registry asks only for settings that it lists.
  subscript(key: String) -> Double { values[key] ?? .nan }
}
