/// A site's answer to one assignment to train.
public struct SiteUpdate<Payload: ParameterGroup>: Sendable {
  public var update: ModelUpdate<Payload>
  /// How the training went.
  public var summary: TrainingSummary

  public init(_ update: ModelUpdate<Payload>, _ summary: TrainingSummary) {
    self.update = update
    self.summary = summary
  }
}

/// What a site answers to an assignment; every case holds what its gate has released.
public enum SiteAnswer<Payload: ParameterGroup>: Sendable {
  case update(Released<SiteUpdate<Payload>>)
  case evaluation(Released<SiteEvaluation>)
  case failure(Released<ConsiliumError>)
}

/// A site's answer as it came to the lead, where nobody can know that a gate released it.
public enum ReceivedAnswer<Payload: ParameterGroup>: Sendable {
  case update(ReceivedUpdate<Payload>)
  case evaluation(SiteEvaluation)
  case failure(ConsiliumError)

  /// The answer of a site in this process.
  public init(_ answer: SiteAnswer<Payload>) {
    switch answer {
    case .update(let released): self = .update(ReceivedUpdate(released))
    case .evaluation(let released): self = .evaluation(released.content)
    case .failure(let released): self = .failure(released.content)
    }
  }
}

/// A site's update as it came to the lead: its values are finite and its weight is positive.
public struct ReceivedUpdate<Payload: ParameterGroup>: Sendable {
  public let update: ModelUpdate<Payload>
  public let summary: TrainingSummary

  /// The update of a site in this process, which its gate has checked.
  public init(_ released: Released<SiteUpdate<Payload>>) {
    update = released.content.update
    summary = released.content.summary
  }

  /// An update that came over a network.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the update is not finite or its weight is not
  ///   positive.
  public init(_ update: ModelUpdate<Payload>, _ summary: TrainingSummary) throws(ConsiliumError) {
    try update.check()
    self.update = update
    self.summary = summary
  }
}

extension ModelUpdate {
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if a value is not finite or the weight is not
  ///   positive.
  func check() throws(ConsiliumError) {
    guard payload.isFinite else {
      throw ConsiliumError(
        .invalidUpdate,
        "the update of site '\(site)' in round \(round) has values that are infinite or not a number")
    }
    try checkWeight()
  }
}
