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

  /// Whether sites verify the model of a round before they validate it, so that the model must be fixed
  /// before the first of them is asked.
  var fixesModels: Bool { get }

  /// The digest of the file in which sites receive the strategy's message; `nil` if nobody signs it.
  func digest(ofMessage message: NamedParts) -> String?

  /// Fixes the model of a round before it is validated. After a crash, the round is repeated with the
  /// same sites.
  ///
  /// - Parameter record: The round's record, without its validation.
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  func fix(_ record: RoundRecord, model: ModelParameters) async throws

  /// The participants of a round whose model was fixed before a crash; `nil` if there is no such round.
  func fixedRound(_ round: Int, of arm: String) async throws -> FixedRound?

  /// The last committed round of an arm; `nil` if there is none.
  func lastCheckpoint(of arm: String) async throws -> RoundCheckpoint?

  /// The model of the arm's best committed round; `nil` if no round was marked as best.
  func bestModel(of arm: String) async throws -> ModelParameters?

  /// The records of all committed rounds of an arm, in order.
  func records(of arm: String) async throws -> [RoundRecord]
}

extension RoundJournal {
  public var fixesModels: Bool { false }
  public func digest(ofMessage message: NamedParts) -> String? { nil }
  public func fix(_ record: RoundRecord, model: ModelParameters) async throws {}
  public func fixedRound(_ round: Int, of arm: String) async throws -> FixedRound? { nil }
}

/// A round whose model was fixed but not committed.
public struct FixedRound: Sendable, Equatable {
  /// The sites whose updates are in the model.
  public var sites: [SiteID]
  public var dropped: [DroppedSite]

  public init(sites: [SiteID], dropped: [DroppedSite]) {
    self.sites = sites
    self.dropped = dropped
  }
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
