import FederatedCore
import Foundation
import ParameterFiles
import Subprocess
import SystemPackage

/// An etcd process.
public enum EtcdProcess {
  /// Starts the program in `$1` so that it ends with this process, however this process ends: a helper waits
  /// until the socket on its standard input closes. The shell becomes the program, so both have the same
  /// process ID.
  private static let script = """
    exec 3<&0 </dev/null
    {
      while read -r _ <&3; do :; done
      [ "$(cat /proc/$$/comm)" = "${1##*/}" ] && kill -TERM $$
    } >/dev/null 2>&1 &
    exec "$@" 3<&-
    """

  /// How long etcd may take to end when it is asked to.
  private static let grace = Duration.seconds(5)

  /// Runs etcd until it ends or the task is cancelled.
  ///
  /// - Parameter started: called with the process ID.
  /// - Returns: how it ended, with the end of its log.
  /// - Throws: ``ConsiliumError``: `.storage` if its folder cannot be used, `.unavailable` if it cannot be
  ///   started or another anchor uses the folder.
  public static func run(
    _ configuration: EtcdConfiguration, started: @Sendable (pid_t) -> Void = { _ in }
  ) async throws(ConsiliumError) -> String {
    let folder = configuration.folder
    try prepare(configuration)
    let lock = try hold(folder)
    defer { close(lock) }
    // A killed etcd leaves its sockets behind, and the next one does not replace them.
    for socket in [EtcdConfiguration.clientSocket, EtcdConfiguration.peerSocket(of: configuration.name)] {
      unlink(folder.appending(path: socket).path)
    }
    let log = folder.appending(path: "etcd.log")
    let output = open(log.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    var ends: [Int32] = [-1, -1]
    guard output >= 0,
      socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0
    else {
      let fault = String(cString: strerror(errno))
      if output >= 0 { close(output) }
      throw ConsiliumError(.storage, "cannot write '\(log.path)': \(fault)")
    }
    defer { close(ends[1]) }
    var options = PlatformOptions()
    // Use a separate group, so that Ctrl-C at the terminal reaches only the main process.
    options.processGroupID = 0
    options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: grace)]
    do {
      let result = try await Subprocess.run(
        .path("/bin/sh"),
        arguments: Arguments(["-c", script, "sh", configuration.program.path] + configuration.arguments),
        workingDirectory: FilePath(folder.path), platformOptions: options,
        input: .fileDescriptor(FileDescriptor(rawValue: ends[0]), closeAfterSpawningProcess: true),
        output: .fileDescriptor(FileDescriptor(rawValue: output), closeAfterSpawningProcess: true),
        error: .combinedWithOutput
      ) { started($0.processIdentifier.value) }
      return describe(result.terminationStatus) + end(of: log)
    } catch {
      let fault = (error as? SubprocessError)?.underlyingError.map { "\($0)" } ?? "\(error)"
      throw ConsiliumError(
        .unavailable, "cannot start '\(configuration.program.path)': \(fault)", cause: error)
    }
  }

  /// Creates the folder of an anchor's register if there is none, and makes it private. The folder remembers
  /// the names of the anchors: with others, etcd would begin a second register beside the first.
  ///
  /// - Throws: ``ConsiliumError``: `.storage`, or `.invalidInput` if the folder belongs to other anchors.
  static func prepare(_ configuration: EtcdConfiguration) throws(ConsiliumError) {
    let folder = configuration.folder
    try DurableFolder.create(folder)
    guard chmod(folder.path, 0o700) == 0 else {
      throw ConsiliumError(
        .storage, "cannot make the folder '\(folder.path)' private: \(String(cString: strerror(errno)))")
    }
    try remember(configuration)
  }

  private static func remember(_ configuration: EtcdConfiguration) throws(ConsiliumError) {
    let file = configuration.folder.appending(path: "anchors")
    let names = configuration.anchors.sorted()
    guard let known = try? Data(contentsOf: file) else {
      return try AtomicFile.write(Data(names.joined(separator: "\n").utf8), to: file)
    }
    let before = String(decoding: known, as: UTF8.self).split(separator: "\n").map(String.init)
    guard before == names else {
      throw ConsiliumError(
        .invalidInput,
        "the register in '\(configuration.folder.path)' belongs to the anchors \(before.joined(separator: ", ")), and not to "
          + "\(names.joined(separator: ", ")); name the same ones, or begin a new register in another folder")
    }
  }

  /// Locks a folder for this process. Returns a descriptor; closing it ends the lock.
  private static func hold(_ folder: URL) throws(ConsiliumError) -> Int32 {
    let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let isUsed = descriptor >= 0 && errno == EWOULDBLOCK
      let fault = String(cString: strerror(errno))
      if descriptor >= 0 { close(descriptor) }
      throw isUsed
        ? ConsiliumError(
          .unavailable, "another anchor uses the folder '\(folder.path)'; end it, or name another folder")
        : ConsiliumError(.storage, "cannot lock the folder '\(folder.path)': \(fault)")
    }
    return descriptor
  }

  private static func describe(_ status: TerminationStatus) -> String {
    switch status {
    case .exited(let code): "etcd ended with status \(code)"
    case .signaled(let signal): "etcd was ended by signal \(signal) (\(String(cString: strsignal(signal))))"
    }
  }

  /// The last line of the log that states a problem.
  private static func end(of log: URL) -> String {
    guard let data = try? Data(contentsOf: log) else { return "" }
    let lines = String(decoding: data.suffix(4000), as: UTF8.self).split(separator: "\n")
    return lines.last.map { "; its log '\(log.path)' ends: \($0.prefix(500))" } ?? ""
  }
}
