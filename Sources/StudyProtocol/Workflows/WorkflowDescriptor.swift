import FederatedAlgorithms
import FederatedCore

/// Everything about a workflow except its arithmetic, which is in its `Strategy`.
///
/// The reader of study files, the canonical form, the checks, the explanation, the report and the help of the
/// command line are derived from it.
public struct WorkflowDescriptor: Sendable {
  /// The way of the model between the sites.
  public enum Exchange: Sendable, Equatable {
    /// All sites train from the same model, and their updates are combined.
    case star
    /// The model passes from site to site.
    case ring
  }

  /// What the study's `weighting` means for the workflow. The texts say why it means nothing or little.
  public enum Weighting: Sendable, Equatable {
    /// The study decides how much each site counts.
    case study
    /// All sites count the same, whether or not the study says so.
    case equal(String)
    /// Updates have no weight.
    case none(String)
  }

  /// The optimizers with which the workflow learns.
  public enum Optimizers: Sendable, Equatable {
    case any
    /// Stochastic gradient descent without momentum, for the reason given.
    case plainSGD(String)
  }

  /// What a site sends in each round.
  public enum Sent: Sendable, Equatable {
    /// The changes of the model's parameters.
    case changes
    /// The changes, and those of the control variate, which are as large again.
    case changesAndControlVariate
    /// The model itself.
    case model
  }

  /// As in study files, for example `fedprox`.
  public let name: String
  /// As in prose, for example `FedProx`.
  public let title: String
  /// Authors and year.
  public let paper: String
  public let settings: [WorkflowSetting]
  public let exchange: Exchange
  public let weighting: Weighting
  public let optimizers: Optimizers
  /// How the updates of a round are combined, as a noun phrase.
  public let aggregator: String
  /// Whether the server needs no more than the sum of the updates, so that it could do without seeing each
  /// one.
  public let needsOnlySum: Bool
  public let sent: Sent
  /// The fewest sites of a round with which the workflow does more than a plain mean would.
  let fewestSites: @Sendable (WorkflowSettings) -> Int
  /// A sentence of the explanation, without its full stop: what happens in a round.
  let round: String
  /// The sentence of the report about the arm.
  public let summary: String
  private let makeStrategy: @Sendable (WorkflowSettings) -> any Strategy

  init(
    _ name: String, title: String, paper: String, settings: [WorkflowSetting] = [],
    exchange: Exchange = .star,
    weighting: Weighting = .study, optimizers: Optimizers = .any, aggregator: String = "weighted mean",
    needsOnlySum: Bool = true, sent: Sent = .changes,
    fewestSites: @escaping @Sendable (WorkflowSettings) -> Int = { _ in 1 }, round: String, summary: String,
    strategy makeStrategy: @escaping @Sendable (WorkflowSettings) -> any Strategy
  ) {
    self.name = name
    self.title = title
    self.paper = paper
    self.settings = settings
    self.exchange = exchange
    self.weighting = weighting
    self.optimizers = optimizers
    self.aggregator = aggregator
    self.needsOnlySum = needsOnlySum
    self.sent = sent
    self.fewestSites = fewestSites
    self.round = round
    self.summary = summary
    self.makeStrategy = makeStrategy
  }

  func setting(_ key: String) -> WorkflowSetting? { settings.first { $0.key == key } }

  /// The algorithm with these settings.
  func algorithm(_ values: [String: Double]) -> FederatedAlgorithms.Workflow {
    let strategy = makeStrategy(WorkflowSettings(values: values))
    switch exchange {
    case .star: return Workflow(strategy)
    case .ring: return Workflow(strategy, over: Ring())
    }
  }
}

/// The values of all settings of one workflow.
struct WorkflowSettings: Sendable {
  let values: [String: Double]

  /// - Precondition: `key` is among the settings of the row, which the tests of the table make sure of.
  subscript(key: String) -> Double {
    guard let value = values[key] else { preconditionFailure("the workflow has no setting '\(key)'") }
    return value
  }
}
