import FederatedCore
import StudyProtocol

/// What one way of training a study's model costs, and who sees what: federated, cyclic, in a swarm, or split.
///
/// Every way of the same row gives the same model, so they differ only in these costs.
public struct WayForecast: Sendable, Equatable {
  /// The arm's name, such as `fedavg` or `splitfed`.
  public var arm: String
  /// Where the model is cut; `nil` if sites train the whole model.
  public var cut: String?
  /// The bytes that the site with the most training examples sends and receives in the whole study.
  public var bytes: Double
  /// The time of all rounds, in seconds, with training and transfer one after the other.
  public var seconds: Double
  /// The bytes of weights, gradients and optimizer state at a site while it trains. Activations come on top.
  public var siteMemory: Double
  /// Who sees what, as a sentence.
  public var exposure: String
}

/// The numbers from which the costs of each way follow.
public struct StudyForecast: Sendable {
  let study: Study
  let sizes: ModelSizes
  /// The number of training examples of each site.
  let examples: [Int]
  let link: Link

  public init(_ study: Study, sizes: ModelSizes, examples: [Int], link: Link) {
    self.study = study
    self.sizes = sizes
    self.examples = examples
    self.link = link
  }

  /// All ways, those that give the same model next to each other.
  public var ways: [WayForecast] {
    let isRing = study.federation.workflow.name.descriptor.exchange == .ring
    let star = isRing ? "fedavg" : study.federation.workflow.name.rawValue
    let ring = isRing ? study.federation.workflow.name.rawValue : "cyclic"
    return [federated(star), swarm] + sizes.cuts.map { split("splitfed", $0) } + [cyclic(ring)]
      + sizes.cuts.map { split("split", $0) }
  }

  // MARK: The ways

  private func federated(_ arm: String) -> WayForecast {
    let vectors = sendsControlVariate ? 2.0 : 1
    return WayForecast(
      arm: arm, bytes: rounds * vectors * 2 * model,
      seconds: rounds * (longest + link.seconds(up: vectors * model, down: vectors * model)),
      siteMemory: memory(of: sizes.parameters),
      exposure: "The coordinator sees each site's update and every model.")
  }

  private func cyclic(_ arm: String) -> WayForecast {
    // The model of a site's turn is not the one that is validated after the cycle.
    let down = model + validated * model
    return WayForecast(
      arm: arm, bytes: rounds * (model + down),
      seconds: rounds
        * (steps.reduce(0) { $0 + Double($1) * sizes.stepSeconds } + count
          * link.seconds(up: model, down: model) + validated * link.seconds(down: model)),
      siteMemory: memory(of: sizes.parameters),
      exposure: "The coordinator and the next site see the model as each site trained it.")
  }

  /// A swarm in which all members merge equally often, with one witness.
  private var swarm: WayForecast {
    let merging = 2 * model * (count - 1) / count
    return WayForecast(
      arm: "swarm", bytes: rounds * (2 * model + merging),
      seconds: rounds
        * (longest + link.seconds(up: model, down: model) + link.seconds(down: model * (count - 1))),
      siteMemory: memory(of: sizes.parameters),
      exposure:
        "In each round, the member that merges and its witness see the other sites' updates. There is no coordinator."
    )
  }

  private func split(_ arm: String, _ cut: ModelSizes.Cut) -> WayForecast {
    let site = 4 * Double(cut.siteParameters)
    let middle = model - site
    let step = Double(sizes.bytesPerValue * study.training.batchSize)
    let crossing = step * Double(cut.valuesDown + cut.valuesUp)
    // Activations down and gradients up cross in each direction once.
    let ofStep = sizes.stepSeconds + 2 * link.roundTrip + link.seconds(up: crossing, down: crossing)
    let all = arm == "split" ? steps.reduce(0, +) : steps.max() ?? 0
    let turns = arm == "split" ? count : 1
    return WayForecast(
      arm: arm, cut: cut.name,
      bytes: rounds
        * (2 * crossing * Double(steps.max() ?? 0) + 2 * site + middle * validated),
      seconds: rounds
        * (Double(all) * ofStep + turns * link.seconds(up: site, down: site) + validated
          * link.seconds(down: middle)),
      siteMemory: memory(of: cut.siteParameters),
      exposure:
        "The host sees, in every step, the activations of each training image at '\(cut.name)' and their gradients. The coordinator sees "
        + "updates as above.")
  }

  // MARK: Numbers

  /// The bytes of the model.
  private var model: Double { 4 * Double(sizes.parameters) }
  private var rounds: Double { Double(study.federation.rounds) }
  private var count: Double { Double(max(1, examples.count)) }
  private var validated: Double { study.validatesRounds ? 1 / Double(max(1, study.evaluation.every)) : 0 }
  private var longest: Double { Double(steps.max() ?? 0) * sizes.stepSeconds }

  /// The optimizer steps of each site in a round.
  private var steps: [Int] {
    examples.map { study.training.amount.steps(examples: $0, batchSize: study.training.batchSize) }
  }

  private var sendsControlVariate: Bool {
    study.federation.workflow.name.descriptor.sent == .changesAndControlVariate
  }

  /// The bytes of weights, gradients and the optimizer's state.
  private func memory(of parameters: Int) -> Double {
    let state: Double =
      switch study.training.optimizer.name {
      case .adam, .adamw: 2
      case .sgd: study.training.optimizer.momentum > 0 ? 1 : 0
      }
    return 4 * Double(parameters) * (2 + state)
  }
}
