import FederatedCore
import Simulator
import Synchronization

/// Shows a run on a terminal: a live line per site at the bottom, finished rounds above.
final class TerminalProgress: RunProgress {
  private struct State {
    var board = ProgressState()
    var news: [String] = []
    var region = LiveRegion()
  }

  /// The interval between frames: at most ten per second.
  static let interval = Duration.milliseconds(100)

  private let state = Mutex(State())
  private let terminal: Terminal
  private let write: @Sendable (String) -> Void
  private let clock: @Sendable () -> Duration

  /// - Parameter clock: Returns the time since the start of the run.
  init(
    terminal: Terminal, write: @escaping @Sendable (String) -> Void,
    clock: @escaping @Sendable () -> Duration = sinceNow()
  ) {
    self.terminal = terminal
    self.write = write
    self.clock = clock
  }

  func observe(_ event: SimulationEvent) {
    let now = clock()
    state.withLock { state in
      if case .run(let event) = event { state.board.apply(event, at: now) }
      state.news += NewsLine.lines(of: event).map(\.onOneLine)
    }
  }

  func say(_ line: String) { state.withLock { $0.news.append(line.onItsLines) } }

  func show() async {
    while !Task.isCancelled {
      draw()
      try? await Task.sleep(for: Self.interval)
    }
    close()
  }

  /// Draws one frame.
  func draw() {
    let size = terminal.size()
    let now = clock()
    let frame = state.withLock { state in
      let lines = ProgressLines(hasColour: terminal.hasColour).lines(of: state.board, at: now, in: size)
      defer { state.news = [] }
      return state.region.frame(news: state.news, lines: lines, columns: size.columns)
    }
    write(frame)
  }

  /// Removes the live lines. The lines about finished rounds stay.
  func close() {
    let columns = terminal.size().columns
    let text = state.withLock { state in
      defer { state.news = [] }
      return state.region.close(news: state.news, columns: columns)
    }
    write(text)
  }

  static func sinceNow() -> @Sendable () -> Duration {
    let start = ContinuousClock.now
    return { ContinuousClock.now - start }
  }
}
