import FederatedCore
import Simulator

/// Shows the progress of a run.
protocol RunProgress: Sendable {
  /// Receives an event. Called from several tasks at once.
  func observe(_ event: SimulationEvent)
  /// Shows the user a line that is not an event.
  func say(_ line: String)
  /// Shows the progress until cancelled, and then leaves the terminal in its final state.
  func show() async
}

extension RunProgress {
  func show() async {}

  /// Shows the progress while `body` runs.
  func whileRunning<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask {
        await show()
        return nil
      }
      group.addTask { try await body() }
      defer { group.cancelAll() }
      while let ended = try await group.next() {
        if let result = ended { return result }
      }
      throw CancellationError()
    }
  }
}

/// The way in which `simulate` shows its progress.
enum ProgressStyle {
  static func progress(json: Bool, quiet: Bool, on console: Console) -> any RunProgress {
    if json { return EventProgress(console: console) }
    if quiet { return QuietProgress(console: console) }
    guard let terminal = console.terminal else { return LineProgress(console: console) }
    return TerminalProgress(terminal: terminal, write: console.writeError)
  }
}

/// Shows the progress for `--json`, as one JSON object per event on standard output.
struct EventProgress: RunProgress {
  var console: Console

  func observe(_ event: SimulationEvent) { console.print(JSONLine.encode(event)) }
  func say(_ line: String) { console.printError(line) }
}

/// Shows the progress without a terminal, as one line per round.
struct LineProgress: RunProgress {
  var console: Console

  func observe(_ event: SimulationEvent) {
    for line in NewsLine.lines(of: event) { console.printError(line.onOneLine) }
  }
  func say(_ line: String) { console.printError(line) }
}

/// Shows no progress, for `--quiet`: prints only the program's own messages.
struct QuietProgress: RunProgress {
  var console: Console

  func observe(_ event: SimulationEvent) {}
  func say(_ line: String) { console.printError(line) }
}
