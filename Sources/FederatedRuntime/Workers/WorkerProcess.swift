import FederatedCore
import Foundation
import Synchronization
import WorkerProtocol

/// An engine process in a process group of its own, with one end of a socket pair as its standard input.
///
/// Its output goes to a log file. It is killed when the value goes, so none outlives its owner.
final class WorkerProcess: Sendable {
  let processID: pid_t
  let socket: MessageSocket
  private let log: URL
  /// How the process ended, once it has been waited for.
  private let ending = Mutex<String?>(nil)

  /// - Throws: ``ConsiliumError`` with code `.unavailable` where the program cannot be started.
  init(executable: URL, arguments: [String], log: URL) throws(ConsiliumError) {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw Self.cannotStart(executable, errno)
    }
    defer { close(ends[1]) }
    let output = open(log.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard output >= 0 else {
      close(ends[0])
      throw ConsiliumError(.storage, "cannot write '\(log.path)': \(String(cString: strerror(errno)))")
    }
    defer { close(output) }
    do throws(ConsiliumError) {
      processID = try Self.spawn(executable, arguments, input: ends[1], output: output)
    } catch {
      close(ends[0])
      throw error
    }
    (socket, self.log) = (MessageSocket(descriptor: ends[0]), log)
  }

  deinit {
    _ = end(grace: .zero)
    close(socket.descriptor)
  }

  private static func spawn(
    _ executable: URL, _ arguments: [String], input: Int32, output: Int32
  ) throws(ConsiliumError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, output, 2)
    keepDescriptorsFromChildren()

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A group of its own, so that Ctrl-C at the terminal reaches only the front program, and the usual signal handling.
    posix_spawnattr_setpgroup(&attributes, 0)
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGINT, SIGTERM, SIGPIPE, SIGHUP] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    posix_spawnattr_setflags(&attributes, Int16(flags))

    let environment = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
    var child: pid_t = 0
    let status = withCStrings([executable.path] + arguments) { argv in
      withCStrings(environment) { envp in
        posix_spawn(&child, executable.path, &actions, &attributes, argv, envp)
      }
    }
    guard status == 0 else { throw cannotStart(executable, status) }
    return child
  }

  private static func cannotStart(_ executable: URL, _ status: Int32) -> ConsiliumError {
    ConsiliumError(
      .unavailable,
      "cannot start the engine '\(executable.path)': \(String(cString: strerror(status))). "
        + "Build it with 'make', or name another with --worker")
  }

  func kill() { ending.withLock { if $0 == nil { _ = Foundation.kill(-processID, SIGKILL) } } }

  /// Closes the socket to the process, which makes it exit; kills it if it does not within `grace`; says how it ended.
  func end(grace: Duration) -> String {
    shutdown(socket.descriptor, Int32(SHUT_RDWR))
    return ending.withLock { ending in
      if let ending { return ending }
      let clock = ContinuousClock()
      let deadline = clock.now + grace
      var status: Int32 = 0
      while waitpid(processID, &status, WNOHANG) == 0 {
        if clock.now >= deadline { _ = Foundation.kill(-processID, SIGKILL) }
        usleep(2000)
      }
      let text = Self.describe(status)
      ending = text
      return text
    }
  }

  private static func describe(_ status: Int32) -> String {
    let signal = status & 0x7F
    switch signal {
    case 0: return "ended with status \(status >> 8 & 0xFF)"
    case SIGKILL: return "was killed (signal 9), probably for want of memory"
    default: return "was ended by signal \(signal) (\(String(cString: strsignal(signal))))"
    }
  }

  /// The last lines of what the process wrote.
  var logTail: String {
    guard let file = try? FileHandle(forReadingFrom: log), let end = try? file.seekToEnd() else { return "" }
    defer { try? file.close() }
    try? file.seek(toOffset: end > 2000 ? end - 2000 : 0)
    let text = String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
    let lines = text.split(separator: "\n").suffix(5).joined(separator: "\n")
    return lines.isEmpty ? "Its log '\(log.path)' is empty" : "Its log '\(log.path)' ends:\n\(lines)"
  }
}

/// Hands `body` a null-terminated array of C strings.
private func withCStrings<R>(
  _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> R
) -> R {
  var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
  defer { for pointer in pointers { free(pointer) } }
  return body(&pointers)
}

/// Marks every open descriptor beyond the standard ones as this process's own: sockets, databases and locks are none of the
/// engine's business, and a connection that an engine holds open would never be seen to break.
private func keepDescriptorsFromChildren() {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
  for descriptor in names.compactMap({ Int32($0) }) where descriptor > 2 {
    let flags = fcntl(descriptor, F_GETFD)
    if flags >= 0, flags & FD_CLOEXEC == 0 { _ = fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC) }
  }
}
