import FederatedCore

/// The coordinator's end of every transport: holds each site's assignment until it is answered, and the answers in the order
/// in which they came.
public actor CoordinatorDesk<Payload: ParameterGroup> {
  /// An answer as it came in.
  public struct Received: Sendable {
    public var site: SiteID
    public var id: Assignment.ID
    public var answer: ReceivedAnswer<Payload>
    /// The SHA-256 of an update that came from another process; nil for one of this process and for other answers.
    public var digest: String?
  }

  /// What the coordinator waits for.
  public enum Mail: Sendable {
    case answer(Received)
    /// The time for this assignment is up.
    case deadline(Assignment.ID)
  }

  private var assignments: [SiteID: Assignment] = [:]
  /// Each site's signal is sent when the site gets an assignment, and when the study ends.
  private var news: [SiteID: Signal] = [:]
  /// Those whose assignment was withdrawn and who have not asked for another since.
  private var absent: Set<SiteID> = []
  private var isClosed = false
  private let sink: AsyncStream<Mail>.Continuation
  /// The answers that count, each once, and deadlines; for one reader.
  public nonisolated let mail: AsyncStream<Mail>

  public init() { (mail, sink) = AsyncStream.makeStream() }

  /// Sends the coordinator word that the time for an assignment is up.
  public func ring(_ id: Assignment.ID) { sink.yield(.deadline(id)) }

  /// Rings after this time, unless the task that it gives is cancelled before.
  public nonisolated func ring(_ id: Assignment.ID, after time: Duration) -> Task<Void, any Error> {
    Task {
      try await Task.sleep(for: time)
      await ring(id)
    }
  }

  /// Gives a site something to do, in place of what it had.
  public func assign(_ assignment: Assignment, to site: SiteID) {
    guard !isClosed else { return }
    assignments[site] = assignment
    news[site]?.send()
  }

  /// Forgets a site's assignment; an answer to it no longer counts.
  public func withdraw(from site: SiteID) {
    if assignments.removeValue(forKey: site) != nil { absent.insert(site) }
  }

  /// True where a site's assignment was withdrawn and it has not asked for another since: it is busy with the old one, or gone.
  public func isAbsent(_ site: SiteID) -> Bool { absent.contains(site) }

  /// Ends the study: all sites that wait or ask get nil.
  public func close() {
    isClosed = true
    assignments = [:]
    for signal in news.values { signal.send() }
    sink.finish()
  }

  /// The site's assignment as soon as it has one; nil once the study has ended or the task is cancelled.
  public func nextAssignment(for site: SiteID) async -> Assignment? {
    let signal = news[site] ?? Signal()
    news[site] = signal
    while !isClosed, !Task.isCancelled {
      let seen = signal.count
      absent.remove(site)
      if let assignment = assignments[site] { return assignment }
      await signal.wait(after: seen)
    }
    return nil
  }

  /// Takes an answer, unless it was taken before or is to an assignment that is no longer there.
  ///
  /// - Parameter digest: of an update that came over a network, as the transport checked it.
  /// - Returns: whether it was taken.
  @discardableResult
  public func submit(
    _ answer: ReceivedAnswer<Payload>, to id: Assignment.ID, from site: SiteID, digest: String? = nil
  ) -> Bool {
    guard assignments[site]?.id == id else { return false }
    assignments[site] = nil
    sink.yield(.answer(Received(site: site, id: id, answer: answer, digest: digest)))
    return true
  }

  /// What a site has to answer at the moment.
  public func assignment(of site: SiteID) -> Assignment? { assignments[site] }
}
