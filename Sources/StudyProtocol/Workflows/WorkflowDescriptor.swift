import FederatedAlgorithms
import FederatedCore

/// The description of a workflow: everything about it except its arithmetic, which is in its `Strategy`.
///
/// The reader of study files, the canonical form, the checks, the explanation, the report and the command
/// line's help are derived from it.
public struct WorkflowDescriptor: Sendable {
  /// The path of the model between the sites.
  public enum Exchange: Sendable, Equatable {
    /// All sites train from the same model, and their updates are combined.
    case star
    /// The model passes from site to site.
    case ring
  }

  /// Whether the study's `weighting` applies to the workflow. If it does not, the associated text explains
  /// why.
  public enum Weighting: Sendable, Equatable {
    /// The study decides the weight of each site.
    case study
    /// All sites have the same weight, whatever the study says.
    case equal(String)
    /// The updates are not weighted, whatever the study says.
    case none(String)
  }

  /// The local optimizers with which the workflow works.
  public enum Optimizers: Sendable, Equatable {
    case any
    /// Stochastic gradient descent without momentum, for the reason given.
    case plainSGD(String)
  }

  /// What a site sends in each round.
  public enum Sent: Sendable, Equatable {
    /// A site sends the changes of the model's parameters.
    case changes
    /// A site sends the changes of the parameters and of the control variate, SCAFFOLD's estimate of the
    /// gradient. This is twice as much data.
    case changesAndControlVariate
    /// A site sends the model itself.
    case model
  }

  /// The name in study files, for example `fedprox`.
  public let name: String
  /// The name in prose, for example `FedProx`.
  public let title: String
  /// The authors and the year of the paper.
  public let paper: String
  public let settings: [WorkflowSetting]
  public let exchange: Exchange
  public let weighting: Weighting
  public let optimizers: Optimizers
  /// The number of cycles of a workflow that has a fixed number of them, whatever the study says.
  public let cycles: Int?
  /// The way in which the updates of a round are combined, as a noun phrase.
  public let aggregator: String
  /// Whether the server needs only the sum of the updates, so that secure aggregation could hide the single
  /// updates from the server.
  public let needsOnlySum: Bool
  public let sent: Sent
  /// The smallest number of sites per round with which the workflow does more than a plain mean.
  let fewestSites: @Sendable (WorkflowSettings) -> Int
  /// The parts of a message about rounds with fewer sites than `fewestSites`: the end of a sentence that
  /// states what happens in such rounds, and advice. Both are empty if `fewestSites` is always 1.
  let fewSites: (what: String, advice: String)
  /// The course of a round, as a sentence of the explanation without its full stop.
  let round: String
  /// The description of the arm in the report, as a sentence.
  public let summary: String
  private let makeStrategy: @Sendable (WorkflowSettings) -> any Strategy

  init(
    _ name: String, title: String, paper: String, settings: [WorkflowSetting] = [],
    exchange: Exchange = .star, cycles: Int? = nil,
    weighting: Weighting = .study, optimizers: Optimizers = .any, aggregator: String = "weighted mean",
    needsOnlySum: Bool = true, sent: Sent = .changes,
    fewestSites: @escaping @Sendable (WorkflowSettings) -> Int = { _ in 1 },
    fewSites: (what: String, advice: String) = ("", ""), round: String, summary: String,
    strategy makeStrategy: @escaping @Sendable (WorkflowSettings) -> any Strategy
  ) {
    self.name = name
    self.title = title
    self.paper = paper
    self.settings = settings
    self.exchange = exchange
    self.cycles = cycles
    self.weighting = weighting
    self.optimizers = optimizers
    self.aggregator = aggregator
    self.needsOnlySum = needsOnlySum
    self.sent = sent
    self.fewestSites = fewestSites
    self.fewSites = fewSites
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

  /// - Precondition: `key` is a setting of the row. The table's tests make sure of that.
  subscript(key: String) -> Double {
    guard let value = values[key] else { preconditionFailure("the workflow has no setting '\(key)'") }
    return value
  }
}
