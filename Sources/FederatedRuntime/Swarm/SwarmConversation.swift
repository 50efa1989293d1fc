import FederatedCore

/// The coordinator's half of a stage over the entries of a swarm's round.
struct SwarmConversation<Half: StageCoordinator>: Sendable {
  private let half: Half
  private let id: Assignment.ID
  private let deadline: Duration?

  init(_ half: Half, asking id: Assignment.ID, deadline: Duration?) {
    self.half = half
    self.id = id
    self.deadline = deadline
  }

  /// Takes the entries that `name` recognises until the stage has ended.
  ///
  /// - Parameter answer: Reads the answer in an entry; `nil` if the entry is of no account.
  /// - Throws: ``RoundFailure`` if the stage cannot be completed as the study requires.
  func run(
    on board: SwarmBoard, _ name: @Sendable (SwarmKey) -> SiteID?,
    _ answer: (SiteID, SwarmEntry) async throws -> ReceivedAnswer?,
    notes: (StageNote) -> Void = { _ in }
  ) async throws -> Half.Outcome {
    var half = half
    var deadline = deadline
    var taken: Set<SiteID> = []
    var actions = try half.take(.begin)
    while true {
      for case .note(let note) in actions { notes(note) }
      if let outcome = try actions.outcome() { return outcome }
      let next = try await board.first(until: deadline) { view in
        view.entries(name).first { !taken.contains($0.site) }
      }
      guard let (site, entry) = next else {
        deadline = nil
        actions = try half.take(.deadline(id))
        continue
      }
      taken.insert(site)
      guard let answer = try await answer(site, entry) else {
        actions = []
        continue
      }
      do {
        actions = try half.take(.answer(answer, to: id, from: site))
      } catch let error as ConsiliumError {
        throw RoundFailure(error: error)
      }
    }
  }
}

extension Array {
  /// The outcome of the stage, if it has ended.
  ///
  /// - Throws: ``RoundFailure`` if the stage has failed.
  func outcome<Outcome: Sendable>() throws -> Outcome? where Element == StageAction<Outcome> {
    for action in self {
      switch action {
      case .finish(let outcome): return outcome
      case .fail(let error): throw RoundFailure(error: error)
      default: continue
      }
    }
    return nil
  }
}

/// The round cannot be completed as the study requires, whoever merges.
struct RoundFailure: Error {
  let error: ConsiliumError
}
