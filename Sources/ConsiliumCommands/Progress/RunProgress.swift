import FederatedRuntime

/// Shows a run while it goes on.
protocol RunProgress: Sendable {
  /// Takes in an event; called from several tasks at once.
  func observe(_ event: RunEvent)
  /// Puts a line before the user that is not an event.
  func say(_ line: String)
  /// Shows until cancelled, and leaves the terminal as it should stay.
  func show() async
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

  func observe(_ event: RunEvent) { console.print(JSONLine.encode(event)) }
  func say(_ line: String) { console.printError(line) }
  func show() async {}
}

/// Not a terminal: a line a round.
struct LineProgress: RunProgress {
  var console: Console

  func observe(_ event: RunEvent) {
    if let line = NewsLine.of(event) { console.printError(line) }
  }
  func say(_ line: String) { console.printError(line) }
  func show() async {}
}

/// `--quiet`: nothing but what the program itself has to say.
struct QuietProgress: RunProgress {
  var console: Console

  func observe(_ event: RunEvent) {}
  func say(_ line: String) { console.printError(line) }
  func show() async {}
}
