import Dispatch
import Foundation

/// Runs `body` so that the first Ctrl-C (or SIGTERM) cancels it and the second ends the process.
///
/// - Parameter announce: called at the first one, to tell the user what happens now.
/// - Throws: what `body` throws; `CancellationError` where it was cancelled and ended without a fault.
func stoppable<Result: Sendable>(
  announce: @escaping @Sendable () -> Void, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
  let (interrupts, continuation) = AsyncStream.makeStream(of: Void.self)
  let sources = [SIGINT, SIGTERM].map { number in
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler {
      continuation.yield()
      source.cancel()
    }
    source.setCancelHandler { signal(number, SIG_DFL) }
    source.resume()
    return source
  }
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
