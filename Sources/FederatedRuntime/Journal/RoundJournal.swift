import FederatedCore

/// Stores the rounds of a run so that it can resume after a crash.
///
/// One journal serves all arms of a run, even while several arms run at the same time. Once `commit` has
/// returned, the round survives a crash. After an earlier crash, the run resumes from the previous round.
public protocol RoundJournal: Sendable {
  /// Stores a finished round, completely or not at all.
  ///
  /// If `checkpoint.isBest`, the round's model is also kept as the arm's best model until a later model is
  /// better.
  /// - Returns: The model, mapped from its stored file, so that the caller need not write it again; `nil` if
  ///   there is no such file.
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  @discardableResult
  func commit(_ checkpoint: RoundCheckpoint) async throws -> ModelParameters?

  /// Stores the set of sites on which a stage depends from the question `id` on.
  ///
  /// - Returns: The stored set for this question. This is the given set, unless an earlier call stored a set
  ///   before the stage was interrupted.
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  func commit(_ sites: [SiteID], of arm: String, at id: Assignment.ID) async throws -> [SiteID]

  /// The last committed round of an arm; `nil` if there is none.
  func lastCheckpoint(of arm: String) async throws -> RoundCheckpoint?

  /// The model of the arm's best committed round; `nil` if no round was marked as best.
  func bestModel(of arm: String) async throws -> ModelParameters?

  /// The records of all committed rounds of an arm, in order.
  func records(of arm: String) async throws -> [RoundRecord]
}

/// All data from which a run continues after a round.
public struct RoundCheckpoint: Sendable, Equatable {
  public var record: RoundRecord
  /// The global model after the round.
  public var model: ModelParameters
  /// The strategy's state at the server.
  public var serverState: NamedParts
  /// The strategy's state at each site of the arm, whether or not the site took part in this round. Empty if
  /// the strategy keeps no state there.
  public var siteStates: [SiteID: NamedParts]

  public init(
    record: RoundRecord, model: ModelParameters, serverState: NamedParts, siteStates: [SiteID: NamedParts]
  ) {
    self.record = record
    self.model = model
    self.serverState = serverState
    self.siteStates = siteStates
  }

  /// Whether the model of this round is the best of the arm so far.
  public var isBest: Bool { record.selection.bestRound == record.round }
}
