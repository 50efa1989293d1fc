import FederatedCore

/// How one arm is run: its rounds, the work of each site in a round, and what happens if a site fails.
public struct FederationSettings: Sendable {
  /// The arm's name in records, for example `fedavg` or `local-HT`.
  public var arm: String
  public var rounds: Int
  /// The amount of training of each site in a round.
  public var amount: TrainingInstruction.Amount
  /// The learning rate of a round; rounds count from 1.
  public var learningRate: @Sendable (_ round: Int) -> Double
  public var weighting: UpdateWeighting
  /// The study's seed, from which every site's seed in a round is derived.
  public var seed: UInt64
  /// The sites without which a round fails and the run ends.
  public var required: Set<SiteID>
  /// The minimum number of updates in a round; with fewer, the run ends.
  public var minimumSites: Int
  /// How long a round waits for its sites; `nil` for no limit.
  public var deadline: Duration?
  /// Validates the global model every `validateEvery` rounds and after the last round; 0 disables validation.
  public var validateEvery: Int
  /// The rule that chooses the best model; `nil` to use the last model.
  public var selection: ModelSelection?
  /// The maximum number of sites that hold an assignment, or whose update is not yet added to the aggregate.
  /// Limits memory.
  public var concurrentSites: Int
  /// The study's mechanisms. The coordinator's half of each mechanism acts on the combined updates.
  public var mechanisms: [any UpdateMechanism]
  /// The source of the noise that the mechanisms add at the coordinator.
  public var noise: NoiseSource
  /// The number of sites of the arm, whether or not they take part in a round.
  public var siteCount: Int
  /// The weight of each site's update, computed from the agreed counts; empty if the weights come with the
  /// updates.
  public var weights: [SiteID: Double]
  /// The range of each site's weight, if the agreed counts do not determine the weight itself.
  public var weightLimits: [SiteID: ClosedRange<Double>] = [:]
  /// The weight with which each site contributed to an earlier round. It never changes.
  public var earlierWeights: [SiteID: Double] = [:]
  /// The plan of a round if no site of the agreement is absent; `nil` if a site does not know it. A site
  /// answers only in its own place of the plan.
  public var agreedPlan: (@Sendable (_ round: Int) -> ExchangePlan)?
  /// The division of the model between sites and a host; `nil` if each site trains the whole model.
  public var split: SplitSettings?

  public init(
    arm: String, rounds: Int, amount: TrainingInstruction.Amount = .epochs(1),
    learningRate: @escaping @Sendable (_ round: Int) -> Double, weighting: UpdateWeighting = .samples,
    seed: UInt64, required: Set<SiteID> = [], minimumSites: Int = 1, deadline: Duration? = nil,
    validateEvery: Int = 1, selection: ModelSelection? = nil, concurrentSites: Int = .max,
    mechanisms: [any UpdateMechanism] = [], noise: NoiseSource = .system, siteCount: Int = 1,
    weights: [SiteID: Double] = [:]
  ) {
    self.arm = arm
    self.rounds = rounds
    self.amount = amount
    self.learningRate = learningRate
    self.weighting = weighting
    self.seed = seed
    self.required = required
    self.minimumSites = minimumSites
    self.deadline = deadline
    self.validateEvery = validateEvery
    self.selection = selection
    self.concurrentSites = concurrentSites
    self.mechanisms = mechanisms
    self.noise = noise
    self.siteCount = siteCount
    self.weights = weights
  }

  /// The instruction to a site in a round, with a seed for this site and round.
  public func instruction(round: Int, site: SiteID) -> TrainingInstruction {
    TrainingInstruction(
      round: round, amount: amount, learningRate: learningRate(round),
      seed: RandomStream.seed(study: seed, purpose: .training, site: site, round: round), weighting: weighting
    )
  }

  /// Whether the model is validated after this round.
  public func validates(_ round: Int) -> Bool {
    validateEvery > 0 && (round.isMultiple(of: validateEvery) || round == rounds)
  }

  /// Throws an error if the arm does not have this round.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput`.
  func admit(round: Int) throws(ConsiliumError) {
    guard (1...rounds).contains(round) else {
      throw notInStudy("round \(round) of arm '\(arm)' with \(rounds) rounds")
    }
  }

  /// Whether a site may be asked in this stage of a round.
  ///
  /// A round has at most one stage per site. The stages of absent sites are left out, so a site's stage may be
  /// earlier than in the agreed plan, but never later, and never before the stages of required sites.
  func admitsStage(_ stage: Int, of round: Int, at site: SiteID) -> Bool {
    guard (0..<max(1, siteCount)).contains(stage) else { return false }
    guard let stages = agreedPlan?(round).stages else { return true }
    guard let own = stages.firstIndex(where: { $0.members.contains(site) }) else { return false }
    let certain = stages[..<own].count { !required.isDisjoint(with: $0.members) }
    return (certain...own).contains(stage)
  }

  /// The error for an assignment that is not part of the arm.
  func refusal(_ what: String) -> ConsiliumError { notInStudy("\(what) of arm '\(arm)'") }

  /// The selection after a round. Without a rule, selects the model of this round.
  func select(_ state: SelectionState, round: Int, validation: [SiteValidation]) -> SelectionState {
    if let selection {
      // A round without validation does not change the choice.
      return validates(round) ? selection.update(state, round: round, validation: validation) : state
    }
    var state = state
    state.take(round, .last)
    return state
  }

  func check(members: [SiteID]) throws(ConsiliumError) {
    func refuse(_ fault: String) -> ConsiliumError {
      ConsiliumError(.invalidInput, "arm '\(arm)': \(fault)")
    }
    guard rounds >= 1 else { throw refuse("\(rounds) rounds; expected at least 1") }
    guard !members.isEmpty else { throw refuse("it has no sites") }
    if let twice = zip(members, members.dropFirst()).first(where: { $0 == $1 }) {
      throw refuse("site '\(twice.0)' is listed twice")
    }
    if let missing = required.subtracting(members).min() {
      throw refuse(
        "the required site '\(missing)' is not one of \(members.map(\.rawValue).joined(separator: ", "))")
    }
    guard (1...members.count).contains(minimumSites) else {
      throw refuse("at least \(minimumSites) sites must take part, but the arm has only \(members.count)")
    }
    guard selection == nil || validateEvery > 0 else {
      throw refuse("the best model cannot be selected if no model is validated")
    }
  }
}

/// The error for an assignment that is not part of the study that a site signed.
func notInStudy(_ what: String) -> ConsiliumError {
  ConsiliumError(
    .invalidInput,
    "the coordinator asks for \(what), which is not in the study that was signed; the site ignores it")
}
