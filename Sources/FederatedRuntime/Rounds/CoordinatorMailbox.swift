import FederatedCore

/// The coordinator's end of every transport. Holds each site's assignment until it is answered, and the
/// answers in the order in which they arrived.
public actor CoordinatorMailbox {
  /// A check of an answer before it is accepted. Throws if the answer cannot be used.
  public typealias Check = @Sendable (ReceivedMessage) throws -> Void

  private struct Entry {
    var assignment: Assignment
    var check: Check
  }

  private var entries: [SiteID: Entry] = [:]
  /// One signal per site, sent when the site gets an assignment and when the arm ends.
  private var news: [SiteID: Signal] = [:]
  /// The sites whose assignment was withdrawn and that have not asked for a new assignment since.
  private var absent: Set<SiteID> = []
  private var isClosed = false
  private let sink: AsyncStream<StageEvent>.Continuation
  /// The stream of accepted answers, each once, and of deadlines. Only one task may read it.
  public nonisolated let mail: AsyncStream<StageEvent>

  public init() { (mail, sink) = AsyncStream.makeStream() }

  /// Notifies the coordinator that the time for an assignment is up.
  public func postDeadline(_ id: Assignment.ID) { sink.yield(.deadline(id)) }

  /// Posts the deadline after `time`, unless the returned task is cancelled first.
  public nonisolated func postDeadline(_ id: Assignment.ID, after time: Duration) -> Task<Void, any Error> {
    Task {
      try await Task.sleep(for: time)
      await postDeadline(id)
    }
  }

  /// Gives a site an assignment, which replaces its current assignment.
  public func assign(_ assignment: Assignment, to site: SiteID, check: @escaping Check = { _ in }) {
    guard !isClosed else { return }
    entries[site] = Entry(assignment: assignment, check: check)
    news[site]?.send()
  }

  /// Removes a site's assignment; an answer to it is no longer accepted.
  public func withdraw(from site: SiteID) {
    if entries.removeValue(forKey: site) != nil { absent.insert(site) }
  }

  /// Whether a site's assignment was withdrawn and the site has not asked for a new assignment since. Such a
  /// site is still busy with the old assignment, or gone.
  public func isAbsent(_ site: SiteID) -> Bool { absent.contains(site) }

  /// Ends the arm: all sites that are waiting, or ask later, receive `nil`.
  public func close() {
    isClosed = true
    entries = [:]
    for signal in news.values { signal.send() }
    sink.finish()
  }

  /// Waits until the site has an assignment and returns it, or `nil` once the arm has ended or the task is
  /// cancelled.
  public func nextAssignment(for site: SiteID) async -> Assignment? {
    let signal = news[site] ?? Signal()
    news[site] = signal
    while !isClosed, !Task.isCancelled {
      let seen = signal.count
      absent.remove(site)
      if let entry = entries[site] { return entry.assignment }
      await signal.wait(after: seen)
    }
    return nil
  }

  /// Accepts an answer. Ignores repeated answers, and answers to assignments that no longer exist.
  ///
  /// - Returns: Whether the answer was accepted.
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the answer cannot be used. The assignment
  ///   remains, so that the site can answer again.
  @discardableResult
  public func submit(_ answer: ReceivedAnswer, to id: Assignment.ID, from site: SiteID) throws -> Bool {
    guard let entry = entries[site], entry.assignment.id == id else { return false }
    var answer = answer
    if case .message(let message) = answer {
      try entry.check(message)
      answer = .message(message.checked)
    }
    entries[site] = nil
    sink.yield(.answer(answer, to: id, from: site))
    return true
  }

  /// The assignment that a site has to answer now.
  public func assignment(of site: SiteID) -> Assignment? { entries[site]?.assignment }

  /// The sites that have an assignment, in the order of their names.
  public var busySites: [SiteID] { entries.keys.sorted() }
}
