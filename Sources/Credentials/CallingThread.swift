import Synchronization

/// Runs an asynchronous function that waits for nothing, on the calling thread.
///
/// The certificate verifier of swift-certificates is asynchronous for the sake of policies that ask a server. Ours do not, and
/// whether a certificate counts is also asked where nothing may wait: in callbacks of the transport, in an audit of thousands
/// of entries.
final class CallingThread: TaskExecutor {
  private let jobs = Mutex<[UnownedJob]>([])

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.withLock { $0.append(job) }
  }

  /// - Returns: what `body` returns; nil where it waited for something elsewhere.
  static func run<Result: Sendable>(_ body: @escaping @Sendable () async -> Result) -> Result? {
    let thread = CallingThread()
    let outcome = Outcome<Result>()
    let task = Task(executorPreference: thread) {
      let result = await body()
      outcome.value.withLock { $0 = result }
    }
    while let job = thread.jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
      job.runSynchronously(on: thread.asUnownedTaskExecutor())
    }
    task.cancel()
    return outcome.value.withLock { $0 }
  }

  private final class Outcome<Result: Sendable>: Sendable {
    let value = Mutex<Result?>(nil)
  }
}
