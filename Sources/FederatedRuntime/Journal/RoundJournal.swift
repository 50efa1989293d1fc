import FederatedCore

/// Where the rounds of a run are kept so that it can go on after a crash.
///
/// One journal serves all arms of a run, several at once. After `commit` returns, the round survives a crash; a crash before
/// that leaves the round before.
public protocol RoundJournal: Sendable {
  /// Keeps a finished round, all of it or nothing.
  ///
  /// Where `checkpoint.isBest`, its model is also kept as the arm's best, until a later one is better.
  /// - Returns: the model as it lies in its file, so that it can be passed on without being written again; nil where there is none.
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  @discardableResult
  func commit(_ checkpoint: RoundCheckpoint) async throws -> ModelParameters?

  /// Keeps the set of sites to which a stage is held from a question on.
  ///
  /// - Returns: the set that was kept first for this question, in case the stage was interrupted after that.
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  func commit(_ sites: [SiteID], of arm: String, at id: Assignment.ID) async throws -> [SiteID]

  /// The last committed round of an arm; nil where there is none.
  func lastCheckpoint(of arm: String) async throws -> RoundCheckpoint?

  /// The model of the last committed round that was best; nil where none was.
  func bestModel(of arm: String) async throws -> ModelParameters?

  /// The records of all committed rounds of an arm, in order.
  func records(of arm: String) async throws -> [RoundRecord]
}

/// Everything from which a run goes on after a round.
public struct RoundCheckpoint: Sendable, Equatable {
  public var record: RoundRecord
  /// The global model after the round.
  public var model: ModelParameters
  /// What the strategy keeps at the server.
  public var serverState: NamedParts
  /// What the strategy keeps at each site; all sites of the arm, whether or not they took part in this round. Empty where
  /// the strategy keeps nothing there.
  public var siteStates: [SiteID: NamedParts]

  public init(
    record: RoundRecord, model: ModelParameters, serverState: NamedParts, siteStates: [SiteID: NamedParts]
  ) {
    self.record = record
    self.model = model
    self.serverState = serverState
    self.siteStates = siteStates
  }

  /// True where the model of this round is the best of the arm so far.
  public var isBest: Bool { record.selection.bestRound == record.round }
}
