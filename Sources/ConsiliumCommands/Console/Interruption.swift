import Dispatch
import Foundation

/// Runs `body` so that the first Ctrl-C (or SIGTERM) cancels it, and the second one ends the process.
///
/// - Parameter announce: Called at the first signal, to tell the user what happens now.
/// - Throws: The errors of `body`.
func stoppable<Result: Sendable>(
  signals: [Int32] = [SIGINT, SIGTERM], announce: @escaping @Sendable () -> Void,
  _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
  let (interrupts, continuation) = AsyncStream.makeStream(of: Void.self)
  var sources: [any DispatchSourceSignal] = []
  for number in signals { sources.append(await listen(for: number) { continuation.yield() }) }
  defer { for source in sources { source.cancel() } }
  return try await withThrowingTaskGroup(of: Result?.self) { group in
    group.addTask { try await body() }
    group.addTask {
      var iterator = interrupts.makeAsyncIterator()
      await iterator.next()
      return nil
    }
    while let ended = try await group.next() {
      group.cancelAll()
      if let result = ended { return result }
      announce()
    }
    throw CancellationError()
  }
}

/// Calls `handler` at the first signal with this number. After that, or after the source is cancelled, the
/// signal has its default effect again.
private func listen(for number: Int32, _ handler: @escaping @Sendable () -> Void) async
  -> any DispatchSourceSignal
{
  signal(number, SIG_IGN)
  let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
  source.setEventHandler {
    handler()
    source.cancel()
  }
  source.setCancelHandler { Signals.reset(number) }
  // Wait for the registration: a signal that arrived before it would be lost.
  await withCheckedContinuation { continuation in
    source.setRegistrationHandler { continuation.resume() }
    source.resume()
  }
  return source
}

/// The default effects of signals.
enum Signals {
  /// Lets signals end this process if it is the first process of a container. Called when the process starts.
  static func prepare() { for number in [SIGINT, SIGTERM] where getpid() == 1 { reset(number) } }

  /// Restores a signal's default effect, which is to end the process. In the first process of a container,
  /// the system ignores signals by default.
  static func reset(_ number: Int32) {
    if getpid() == 1 { signal(number) { _exit(128 + $0) } } else { signal(number, SIG_DFL) }
  }
}
