import Synchronization

/// Runs an asynchronous function on the calling thread. The function must never suspend.
///
/// The certificate verifier of swift-certificates is asynchronous to allow policies that query a server. The
/// policies here query no server. Certificates are also checked in code that cannot wait: in callbacks of the
/// transport, and in an audit of thousands of entries.
final class CallingThread: TaskExecutor {
  private let jobs = Mutex<[UnownedJob]>([])

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.withLock { $0.append(job) }
  }

  /// - Returns: The result of `body`; `nil` if it suspended.
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
