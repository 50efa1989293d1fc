/// Requests that wait for a worker, in the order in which they came.
struct WorkerQueue {
  private struct Entry {
    var ticket: Int
    var session: String?
    var continuation: CheckedContinuation<Int?, Never>
  }

  private var entries: [Entry] = []
  private var lastTicket = 0

  mutating func nextTicket() -> Int {
    lastTicket += 1
    return lastTicket
  }

  mutating func append(_ ticket: Int, session: String?, _ continuation: CheckedContinuation<Int?, Never>) {
    entries.append(Entry(ticket: ticket, session: session, continuation: continuation))
  }

  /// Ends a wait with no worker.
  mutating func cancel(_ ticket: Int) {
    guard let index = entries.firstIndex(where: { $0.ticket == ticket }) else { return }
    entries.remove(at: index).continuation.resume(returning: nil)
  }

  /// The first of those whose session has the lowest rank; it waits no longer.
  mutating func takeBest(_ rank: (String?) -> Int) -> CheckedContinuation<Int?, Never>? {
    let ranks = entries.map { rank($0.session) }
    guard let best = ranks.min(), let index = ranks.firstIndex(of: best) else { return nil }
    return entries.remove(at: index).continuation
  }
}
