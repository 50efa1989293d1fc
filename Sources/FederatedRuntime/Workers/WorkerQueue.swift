import WorkerProtocol

/// Requests that wait for a worker: those on the data of most sites first, then in the order in which they came.
///
/// A pooled baseline trains one long request after another; served in turn with the short ones of many sites it would end
/// alone, with all other workers idle.
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

  /// Ends a wait with no worker.
  mutating func cancel(_ ticket: Int) {
    guard let index = entries.firstIndex(where: { $0.ticket == ticket }) else { return }
    entries.remove(at: index).continuation.resume(returning: nil)
  }

  /// The first of those with the most sites whose session has the lowest rank; it waits no longer.
  mutating func takeBest(_ rank: (String?) -> Int) -> CheckedContinuation<Int?, Never>? {
    let ranks = entries.map { (-($0.session?.sites.count ?? 0), rank($0.session?.session)) }
    guard let best = ranks.min(by: <), let index = ranks.firstIndex(where: { $0 == best }) else { return nil }
    return entries.remove(at: index).continuation
  }
}
