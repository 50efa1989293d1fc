import FederatedCore
import Foundation
import Subprocess
import SystemPackage
import WorkerProtocol

/// A worker in a separate process group, with one end of a socket pair as its standard input.
///
/// The worker writes its output to a log file and inherits no other open file. Releasing this object kills
/// the worker, so a worker never outlives its owner.
final class WorkerProcess: Sendable {
  let processID: pid_t
  let socket: MessageSocket
  private let log: URL
  /// Waits for the process and returns how it ended. If cancelled, kills the process and its group first.
  private let life: Task<String, Never>

  /// Starts a program.
  ///
  /// - Throws: ``ConsiliumError``: `.unavailable` if the program cannot be started, `.storage` if the log
  ///   file cannot be written, `.cancelled` if the task is cancelled.
  init(executable: URL, arguments: [String], log: URL) async throws(ConsiliumError) {
    // Check this first: Subprocess reports "not found" even for a program that exists but may not be
    // executed.
    guard access(executable.path, X_OK) == 0 else {
      throw Self.cannotStart(executable, String(cString: strerror(errno)))
    }
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw Self.cannotStart(executable, String(cString: strerror(errno)))
    }
    let output = open(log.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard output >= 0 else {
      let fault = String(cString: strerror(errno))
      for end in ends { close(end) }
      throw ConsiliumError(.storage, "cannot write '\(log.path)': \(fault)")
    }
    let (starts, start) = AsyncStream.makeStream(of: Result<pid_t, ConsiliumError>.self)
    let input = ends[1]
    life = Task {
      defer { start.finish() }
      do {
        return try await Self.run(executable, arguments, input: input, output: output) {
          start.yield(.success($0))
        }
      } catch {
        let fault = (error as? SubprocessError)?.underlyingError.map { "\($0)" } ?? "\(error)"
        start.yield(.failure(Self.cannotStart(executable, fault)))
        return "could not be started"
      }
    }
    var iterator = starts.makeAsyncIterator()
    do throws(ConsiliumError) {
      guard let start = await iterator.next() else { throw ConsiliumError(.cancelled, "stopped") }
      processID = try start.get()
    } catch {
      life.cancel()
      close(ends[0])
      throw error
    }
    socket = MessageSocket(descriptor: ends[0])
    self.log = log
  }

  deinit {
    life.cancel()
    close(socket.descriptor)
  }

  /// Runs the program to its end and returns how it ended. Closes the two descriptors once the program has
  /// started.
  private static func run(
    _ executable: URL, _ arguments: [String], input: Int32, output: Int32, started: (pid_t) -> Void
  ) async throws -> String {
    var options = PlatformOptions()
    // Use a separate group, so that Ctrl-C at the terminal reaches only the main process.
    options.processGroupID = 0
    options.teardownSequence = [
      .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .seconds(10))
    ]
    let result = try await Subprocess.run(
      .path(FilePath(executable.path)), arguments: Arguments(arguments), platformOptions: options,
      input: .fileDescriptor(FileDescriptor(rawValue: input), closeAfterSpawningProcess: true),
      output: .fileDescriptor(FileDescriptor(rawValue: output), closeAfterSpawningProcess: true),
      error: .combinedWithOutput
    ) { started($0.processIdentifier.value) }
    return describe(result.terminationStatus)
  }

  private static func cannotStart(_ executable: URL, _ fault: String) -> ConsiliumError {
    ConsiliumError(
      .unavailable,
      "cannot start the engine '\(executable.path)': \(fault). Build it with 'make', or name another with --worker"
    )
  }

  /// Kills the process and its group.
  func kill() { life.cancel() }

  /// Closes the socket to the process, which makes it exit. Kills it if it has not exited after `grace`.
  ///
  /// - Returns: How it ended.
  func end(grace: Duration) async -> String {
    shutdown(socket.descriptor, Int32(SHUT_RDWR))
    let deadline = Task { [life] in
      try await Task.sleep(for: grace)
      life.cancel()
    }
    defer { deadline.cancel() }
    return await life.value
  }

  private static func describe(_ status: TerminationStatus) -> String {
    switch status {
    case .exited(let code): return "ended with status \(code)"
    case .signaled(SIGKILL): return "was killed (signal 9), probably because memory ran out"
    case .signaled(let signal):
      return "was ended by signal \(signal) (\(String(cString: strsignal(signal))))"
    }
  }

  /// The last lines of the process's output.
  var logTail: String {
    guard let file = try? FileHandle(forReadingFrom: log), let end = try? file.seekToEnd() else { return "" }
    defer { try? file.close() }
    try? file.seek(toOffset: end > 2000 ? end - 2000 : 0)
    let text = String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
    let lines = text.split(separator: "\n").suffix(5).joined(separator: "\n")
    return lines.isEmpty ? "Its log '\(log.path)' is empty" : "Its log '\(log.path)' ends:\n\(lines)"
  }
}
