import WorkerProtocol

/// Requests that wait for a worker. Requests on the data of the most sites come first. Among these, the
/// request that has waited longest comes first.
///
/// If the order were that of arrival, the pooled baseline's long requests would finish last, on one worker,
/// while the other workers idle.
struct WorkerQueue {
  private struct Entry {
    var ticket: Int
    var session: OpenSession?
    var continuation: CheckedContinuation<Int?, Never>
  }

  private var entries: [Entry] = []
  private var lastTicket = 0

  mutating func nextTicket() -> Int {
    lastTicket += 1
    return lastTicket
  }

  mutating func append(_ ticket: Int, session: OpenSession?, _ continuation: CheckedContinuation<Int?, Never>)
  {
    entries.append(Entry(ticket: ticket, session: session, continuation: continuation))
  }

  /// Ends a wait without a worker.
  mutating func cancel(_ ticket: Int) {
    guard let index = entries.firstIndex(where: { $0.ticket == ticket }) else { return }
    entries.remove(at: index).continuation.resume(returning: nil)
  }

  /// Removes and returns the best request: of the requests with the most sites, the first with the lowest
  /// rank.
  mutating func takeBest(_ rank: (String?) -> Int) -> CheckedContinuation<Int?, Never>? {
    let ranks = entries.map { (-($0.session?.sites.count ?? 0), rank($0.session?.session)) }
    guard let best = ranks.min(by: <), let index = ranks.firstIndex(where: { $0 == best }) else { return nil }
    return entries.remove(at: index).continuation
  }
}
