import FederatedAlgorithms
import FederatedCore

extension Study {
  /// The federated algorithm and its settings.
  public struct Workflow: Sendable, Equatable {
    public let name: Name
    /// The value of every setting that the workflow has, by key.
    public let settings: [String: Double]
    /// The order of the sites in a cycle. Only workflows in which the model passes from site to site have it.
    public var order = CycleOrder.fixed

    /// A workflow with its default settings.
    public init(name: Name) { self.init(name: name, checked: [:]) }

    /// - Parameter settings: The settings that differ from their defaults.
    /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the workflow does not have such a setting or
    ///   the value is out of range.
    public init(name: Name, settings: [String: Double]) throws(ConsiliumError) {
      for (key, value) in settings.sorted(by: { $0.key < $1.key }) {
        try Self.check(key, value, of: name.descriptor)
      }
      self.init(name: name, checked: settings)
    }

    /// - Parameter checked: Values within their ranges. Settings that the workflow does not have are ignored.
    init(name: Name, checked: [String: Double], order: CycleOrder = .fixed) {
      self.name = name
      self.order = order
      settings = name.descriptor.settings.reduce(into: [:]) {
        $0[$1.key] = checked[$1.key] ?? $1.defaultValue
      }
    }

    private static func check(_ key: String, _ value: Double, of workflow: WorkflowDescriptor)
      throws(ConsiliumError)
    {
      guard let setting = workflow.setting(key) else {
        let known = workflow.settings.map(\.key).joined(separator: ", ")
        throw ConsiliumError(
          .invalidInput,
          "the workflow '\(workflow.name)' has no setting '\(key)'; expected \(known.isEmpty ? "none" : known)"
        )
      }
      guard setting.allows(value) else {
        throw ConsiliumError(
          .invalidInput,
          "the setting '\(key)' of the workflow '\(workflow.name)' is \(value); expected \(setting.expected)")
      }
    }

    /// The smallest number of sites per round with which the workflow does more than a plain mean.
    var fewestSites: Int { name.descriptor.fewestSites(WorkflowSettings(values: settings)) }

    /// The reason why rounds of `count` sites make no sense, with advice; `nil` if such rounds make sense.
    public func objection(toRoundsOf count: Int) -> String? {
      guard (1..<fewestSites).contains(count) else { return nil }
      return
        "a round may have \(English.count(count, "site")), and with fewer than \(fewestSites), "
        + "\(name.descriptor.fewSites.what); \(name.descriptor.fewSites.advice)"
    }

    /// The strategy, and the workflow's usual topology; ``Study/algorithm(of:sites:)`` has the study's own.
    public func algorithm() -> FederatedAlgorithms.Workflow { name.descriptor.algorithm(settings) }
  }
}

extension Study.Workflow {
  /// The name of a workflow in ``WorkflowDescriptor/table``.
  public struct Name: RawRepresentable, CaseIterable, Codable, Hashable, Sendable {
    public let descriptor: WorkflowDescriptor

    /// Returns `nil` if the table has no workflow of this name.
    public init?(rawValue: String) {
      guard let row = WorkflowDescriptor.table.first(where: { $0.name == rawValue }) else { return nil }
      descriptor = row
    }

    init(_ row: WorkflowDescriptor) { descriptor = row }

    public var rawValue: String { descriptor.name }
    public static var allCases: [Name] { WorkflowDescriptor.table.map(Name.init) }

    public static func == (a: Name, b: Name) -> Bool { a.rawValue == b.rawValue }
    public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
  }
}

/// The names of the workflows that code mentions. Few are needed: most code takes a workflow from the study,
/// and baselines train with `fedavg`.
extension Study.Workflow.Name {
  public static let fedavg = row("fedavg")
  public static let fedprox = row("fedprox")
  public static let fedadam = row("fedadam")
  public static let scaffold = row("scaffold")
  public static let median = row("median")
  public static let cyclic = row("cyclic")

  private static func row(_ name: String) -> Self {
    guard let row = Self(rawValue: name) else { preconditionFailure("there is no workflow '\(name)'") }
    return row
  }
}

extension Study.Workflow: Encodable {
  /// The name and the settings in one object, as a study file may state them.
  public func encode(to encoder: any Encoder) throws {
    var box = encoder.container(keyedBy: AnyKey.self)
    try box.put("name", name)
    if order != .fixed { try box.put("order", order.rawValue) }
    for setting in name.descriptor.settings {
      let value = settings[setting.key] ?? setting.defaultValue
      if setting.isAddedLater, value == setting.defaultValue { continue }
      try box.put(setting.key, value)
    }
  }
}
