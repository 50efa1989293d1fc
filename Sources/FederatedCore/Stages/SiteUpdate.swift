/// A site's answer to a question to train.
public struct SiteUpdate<Payload: ParameterGroup>: Sendable {
  public var update: ModelUpdate<Payload>
  /// A summary of the training that produced the update.
  public var summary: TrainingSummary

  public init(_ update: ModelUpdate<Payload>, _ summary: TrainingSummary) {
    self.update = update
    self.summary = summary
  }
}

extension StageMessage.Kind {
  /// The kind of a message that contains a site's change of the model.
  public static let update = Self("update")
}

extension FactKey<Double> {
  /// The weight of an update in the mean.
  public static let weight = FactKey("weight")
  fileprivate static let loss = FactKey("loss")
  /// The wall time of the training, in seconds.
  fileprivate static let duration = FactKey("seconds")
  fileprivate static let weightedExamples = FactKey("weighted-examples")
}

extension FactKey<Int> {
  /// The number of training examples from which an update was trained.
  public static let examples = FactKey("examples")
  fileprivate static let steps = FactKey("steps")
}

extension SiteUpdate: MessageContent {
  /// The name of the tensor that holds the update.
  public static var tensor: String { "update" }

  public static var schema: MessageSchema {
    MessageSchema(.update, tensors: [tensor: .f32]).with(.weight).with(.examples).with(.steps).with(.loss)
      .with(.duration).with(.weightedExamples)
  }

  public var message: StageMessage {
    .update(NamedParts(update.payload), weight: update.weight, summary)
  }

  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the message lacks a part of an update or
  ///   contains an impossible number.
  public init(_ message: StageMessage, site: SiteID, round: Int) throws(ConsiliumError) {
    try Self.schema.check(message)
    let parts = try message.parameters(Self.tensor)
    guard parts.names == Payload.partNames else {
      throw ConsiliumError(
        .invalidUpdate,
        "the update of site '\(site)' has other parameters than the agreed model; it was not used")
    }
    self.init(
      ModelUpdate(
        site: site, round: round, payload: Payload(parts: parts.parts), weight: try message.require(.weight)),
      TrainingSummary(
        exampleCount: try message.count(.examples), stepCount: try message.count(.steps),
        loss: try message.optional(.loss),
        // The limit is about three years.
        seconds: try message.number(.duration, in: 0...1e8),
        weightedCount: try message.optional(.weightedExamples)))
  }

  public func released(by gate: ReleaseGate) async throws -> Released<SiteUpdate> {
    try await gate.release(self)
  }
}

extension StageMessage {
  /// Creates the message of an update whose parts have no static type.
  public static func update(_ parts: NamedParts, weight: Double, _ summary: TrainingSummary) -> StageMessage {
    var message = StageMessage(.update, tensors: [SiteUpdate<ModelParameters>.tensor: .parameters(parts)])
    message[.weight] = weight
    message[.examples] = summary.exampleCount
    message[.steps] = summary.stepCount
    message[.loss] = summary.loss
    message[.duration] = summary.seconds
    message[.weightedExamples] = summary.weightedCount
    return message
  }
}

/// A site's update as the coordinator received it: its values are in range and its weight is possible.
public struct ReceivedUpdate<Payload: ParameterGroup>: Sendable {
  public let update: ModelUpdate<Payload>
  public let summary: TrainingSummary

  /// The largest weight that counts; that of as many examples as no site has.
  public static var largestWeight: Double { 0x1p40 }

  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the message is not an update, a value is
  ///   out of range or the weight is impossible.
  public init(_ received: ReceivedMessage, site: SiteID, round: Int) throws(ConsiliumError) {
    let content = try SiteUpdate<Payload>(received.message, site: site, round: round)
    if received.isChecked { try content.update.checkWeight() } else { try content.update.check() }
    guard content.update.weight <= Self.largestWeight else {
      throw ConsiliumError(
        .invalidUpdate,
        "the update of site '\(site)' in round \(round) has weight \(content.update.weight); expected at most \(Self.largestWeight)"
      )
    }
    update = content.update
    summary = content.summary
  }
}

extension ModelUpdate {
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if a value is not finite or the weight is not
  ///   positive.
  func check() throws(ConsiliumError) {
    guard payload.isInRange else {
      throw ConsiliumError(
        .invalidUpdate,
        "the update of site '\(site)' in round \(round) has values that are "
          + (payload.isFinite
            ? "beyond \(ModelParameters.largestMagnitude), with which no model can be trained"
            : "infinite or not a number"))
    }
    try checkWeight()
  }
}
