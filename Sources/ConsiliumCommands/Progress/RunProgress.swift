import Simulator

/// Shows a run while it goes on.
protocol RunProgress: Sendable {
  /// Takes in an event; called from several tasks at once.
  func observe(_ event: SimulationEvent)
  /// Puts a line before the user that is not an event.
  func say(_ line: String)
  /// Shows until cancelled, and leaves the terminal as it should stay.
  func show() async
}

extension RunProgress {
  func show() async {}

  /// Shows while `body` runs.
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

/// How `simulate` shows what happens.
enum ProgressStyle {
  static func progress(json: Bool, quiet: Bool, on console: Console) -> any RunProgress {
    if json { return EventProgress(console: console) }
    if quiet { return QuietProgress(console: console) }
    guard let terminal = console.terminal else { return LineProgress(console: console) }
    return TerminalProgress(terminal: terminal, write: console.writeError)
  }
}

/// `--json`: each event as one object a line on standard output.
struct EventProgress: RunProgress {
  var console: Console

  func observe(_ event: SimulationEvent) { console.print(JSONLine.encode(event)) }
  func say(_ line: String) { console.printError(line) }
}

/// Not a terminal: a line a round.
struct LineProgress: RunProgress {
  var console: Console

  func observe(_ event: SimulationEvent) {
    for line in NewsLine.lines(of: event) { console.printError(line) }
  }
  func say(_ line: String) { console.printError(line) }
}

/// `--quiet`: nothing but what the program itself has to say.
struct QuietProgress: RunProgress {
  var console: Console

  func observe(_ event: SimulationEvent) {}
  func say(_ line: String) { console.printError(line) }
}
