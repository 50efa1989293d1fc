import FederatedCore

/// The run of one arm: rounds of a strategy over a topology, on the trainers of its members.
///
/// A baseline is the same code: the arm `local-X` has the one member X, and `pooled` the one member "pooled".
public struct Federation<S: Strategy, Trainer: LocalTrainer>: Sendable {
  /// One site, its trainer and what it lets out.
  public struct Member: Sendable {
    public var site: SiteID
    public var trainer: Trainer
    public var policy: ReleasePolicy

    public init(site: SiteID, trainer: Trainer, policy: ReleasePolicy = ReleasePolicy()) {
      (self.site, self.trainer, self.policy) = (site, trainer, policy)
    }
  }

  let settings: FederationSettings
  let strategy: S
  let topology: any Topology
  let members: [Member]
  let journal: any RoundJournal
  let events: RunEventHandler

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` where the settings contradict each other or the members.
  public init(
    settings: FederationSettings, strategy: S, topology: any Topology, members: [Member],
    journal: any RoundJournal = InMemoryJournal(), events: @escaping RunEventHandler = { _ in }
  ) throws {
    (self.settings, self.strategy, self.topology) = (settings, strategy, topology)
    self.members = members.sorted { $0.site < $1.site }
    (self.journal, self.events) = (journal, events)
  }

  /// Runs all rounds that the journal does not hold yet, from `initial` or from the last committed round.
  ///
  /// - Throws: ``ConsiliumError``: `.partial` where a required site or the minimum of sites is missing from a round,
  ///   `.cancelled` where the task was cancelled, `.storage` where the journal fails. What is committed stays.
  public func run(from initial: ModelParameters) async throws -> FederationOutcome {
    throw ConsiliumError(.unavailable, "not yet")
  }
}

/// What an arm came to.
public struct FederationOutcome: Sendable {
  /// The global model after the last round.
  public var lastModel: ModelParameters
  /// The model of the best round; the last where nothing was selected.
  public var bestModel: ModelParameters
  /// All rounds, with those before a resume.
  public var records: [RoundRecord]
  public var stoppedEarly: Bool

  public init(
    lastModel: ModelParameters, bestModel: ModelParameters, records: [RoundRecord], stoppedEarly: Bool
  ) {
    (self.lastModel, self.bestModel) = (lastModel, bestModel)
    (self.records, self.stoppedEarly) = (records, stoppedEarly)
  }
}
