import FederatedCore

extension StageMessage.Kind {
  /// The question to train from a model.
  public static let train = Self("train")
}

extension StageMessage {
  /// The question to train from a model.
  ///
  /// - Parameter extra: What the strategy's server half sends in addition to the model.
  public static func train(from model: ModelParameters, extra: NamedParts = .none, learningRate: Double)
    -> StageMessage
  {
    var message = StageMessage(.train, tensors: ["model": .parameters(NamedParts(model))])
    if !extra.parts.isEmpty { message.tensors["message"] = .parameters(extra) }
    message[.learningRate] = learningRate
    return message
  }
}

extension FactKey<Double> {
  /// The learning rate, the only part of a training instruction that is sent. If each site computed the rate
  /// from a formula, its last bits might differ between machines.
  public static let learningRate = FactKey("learning-rate")
}

/// Training: every site is asked once, trains from the model and answers with an update. The strategy then
/// moves the model by the aggregate of the updates.
///
/// If a round has several stages, as in a ring, the stages follow one another in a single conversation.
public struct TrainingStage<S: Strategy>: StageProtocol {
  public typealias Payload = S.Combiner.Payload

  /// An arm's model and the strategy's state at the server.
  public struct Input: Sendable {
    public var model: ModelParameters
    public var serverState: S.ServerState

    public init(model: ModelParameters, serverState: S.ServerState) {
      self.model = model
      self.serverState = serverState
    }
  }

  let strategy: S
  let settings: FederationSettings

  public init(_ strategy: S, settings: FederationSettings) {
    self.strategy = strategy
    self.settings = settings
  }

  public var question: MessageSchema {
    let extra = S.Message.partNames.isEmpty ? [:] : ["message": StageTensor.ElementType.f32]
    return MessageSchema(.train, tensors: ["model": .f32].merging(extra) { $1 }).with(.learningRate)
  }

  public var answer: MessageSchema { SiteUpdate<Payload>.schema }
  public var keepsAnswers: Bool { true }
  public var keepsMemory: Bool { !S.SiteState.partNames.isEmpty }

  public var stream: StreamSchema? {
    settings.split.map { _ in SplitFrames.schema(mostSteps: settings.amount.mostSteps) }
  }

  public func makeHost(for assignment: Assignment, to site: SiteID) throws -> any StreamHost {
    guard let split = settings.split, let engine = split.engine else {
      throw ConsiliumError(
        .invalidInput, "arm '\(settings.arm)' needs an engine that computes the middle of the model")
    }
    return try engine.makeHost(
      cut: split.cut, global: assignment.message.model(),
      instruction: instruction(for: assignment, to: site))
  }

  public func makeCoordinator(for task: StageTask, from input: consuming Input) -> TrainingCoordinator<S> {
    TrainingCoordinator(self, task, from: input)
  }

  // MARK: At the site

  public func admit(_ assignment: Assignment, at site: SiteID) throws(ConsiliumError) {
    let (round, stage) = (assignment.id.round, assignment.id.stage)
    try settings.admit(round: round)
    guard let stage, settings.admitsStage(stage, of: round, at: site),
      assignment.id.question == 0
    else {
      throw settings.refusal("stage \((stage ?? -1) + 1) of round \(round)")
    }
    let (asked, agreed) = (assignment.message[.learningRate] ?? .nan, settings.learningRate(round))
    // Permit a small difference: the last bits of a rate that is computed from a formula may differ between
    // machines. The relative difference is larger near a rate of zero.
    guard abs(asked - agreed) <= 1e-9 * max(abs(agreed), 1e-6) else {
      throw settings.refusal("training with another learning rate in round \(round)")
    }
  }

  public func respond(to assignment: Assignment, with tools: SiteTools) async throws -> StageDraft {
    let model = try assignment.message.model()
    var instruction = try instruction(for: assignment, to: tools.site)
    let message: S.Message =
      S.Message.partNames.isEmpty
      ? NamedParts.none.emptyGroup() : try assignment.message.parameters("message").group()
    var state = try tools.memory?.group() ?? strategy.initialSiteState(for: model.layout)
    instruction.division = try division(of: model, tools)
    let local = try await contribute(tools.trainer, model, instruction, message, &state)
    let update = ModelUpdate(
      site: tools.site, round: assignment.id.round, payload: local.payload, weight: local.weight)
    return StageDraft(SiteUpdate(update, local.summary), memory: NamedParts(state))
  }

  private func instruction(for assignment: Assignment, to site: SiteID) throws -> TrainingInstruction {
    var instruction = settings.instruction(round: assignment.id.round, site: site)
    instruction.learningRate = try assignment.message.require(.learningRate)
    strategy.configure(&instruction)
    return instruction
  }

  /// The division of the model while the site trains; `nil` if the arm's model is not divided.
  private func division(of model: ModelParameters, _ tools: SiteTools) throws -> ModelDivision? {
    guard let split = settings.split else { return nil }
    guard let channel = tools.channel else {
      throw ConsiliumError(.invalidInput, "the site has no channel to the host of a split model")
    }
    return ModelDivision(
      cut: split.cut, global: model, channel: channel, checksHost: split.checksHost)
  }

  private func contribute(
    _ trainer: some LocalTrainer, _ model: ModelParameters, _ instruction: TrainingInstruction,
    _ message: S.Message, _ state: inout S.SiteState
  ) async throws -> LocalContribution<Payload> {
    try await strategy.contribute(
      trainer, from: model, instruction: instruction, message: message, state: &state)
  }

  // MARK: At the coordinator

  /// Moves a model, and the server's state, by the updates of one stage.
  func advance(
    _ model: inout ModelParameters, _ state: inout S.ServerState, by updates: consuming S.Combiner, round: Int
  ) throws {
    var aggregate = try updates.finish()
    let context = RoundContext(round: round, noise: settings.noise)
    for mechanism in settings.mechanisms.reversed() { try mechanism.atCoordinator(&aggregate, in: context) }
    strategy.apply(aggregate, to: &model, state: &state, round: round, siteCount: settings.siteCount)
  }

  /// Refuses an update if its layout differs from the model's, a value is out of range, its weight differs
  /// from the agreed weight, or it did not pass the study's mechanisms.
  public func check(_ answer: ReceivedMessage, to assignment: Assignment, from site: SiteID)
    throws(ConsiliumError)
  {
    let received = try ReceivedUpdate<Payload>(answer, site: site, round: assignment.id.round)
    let layout = try assignment.message.model().layout
    guard received.update.payload.parts.allSatisfy({ $0.layout == layout }) else {
      throw ConsiliumError(
        .invalidUpdate,
        "the update of site '\(site)' has other parameters than the agreed model; it was not used")
    }
    try check(weight: received.update.weight, of: site)
    try settings.mechanisms.last?.check(received.update)
  }

  private func check(weight: Double, of site: SiteID) throws(ConsiliumError) {
    let agreed = settings.earlierWeights[site] ?? settings.weights[site].map(strategy.agreedWeight)
    let permitted = agreed.map { $0...$0 } ?? settings.weightLimits[site]
    guard let permitted, !permitted.contains(weight) else { return }
    let expected = agreed.map { "\($0)" } ?? "\(permitted.lowerBound) to \(permitted.upperBound)"
    throw ConsiliumError(
      .invalidUpdate,
      "the update of site '\(site)' has the weight \(weight); expected \(expected), from the number of training "
        + "examples that the site reported before the first round. If its data have changed, start the study over"
    )
  }
}

extension TrainingInstruction.Amount {
  /// A limit on the number of optimizer steps of a round. A number of passes sets none, since nobody but the site
  /// knows its number of examples.
  fileprivate var mostSteps: Int {
    if case .steps(let steps) = self { steps } else { 1 << 32 }
  }
}

extension StageMessage {
  /// The model of a question.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if there is none.
  func model() throws(ConsiliumError) -> ModelParameters {
    let parts = try parameters("model")
    guard parts.names == ModelParameters.partNames else {
      throw ConsiliumError(
        .invalidUpdate, "the tensor 'model' of a question does not have the parts of a model")
    }
    return parts.parts[0]
  }
}

extension NamedParts {
  /// Creates a group without vectors, for group types that have no parts.
  fileprivate func emptyGroup<Group: ParameterGroup>() -> Group { Group(parts: []) }
}
