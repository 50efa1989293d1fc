import FederatedCore
import Foundation

/// The outputs, the terminal, the environment and the arguments of a command. Tests replace them.
public struct Console: Sendable {
  /// The console of the running command.
  @TaskLocal public static var current = Console.standard

  /// Writes results to standard output.
  public var write: @Sendable (String) -> Void
  /// Writes to standard error: progress, warnings and errors.
  public var writeError: @Sendable (String) -> Void
  /// The terminal on which standard error shows progress, if any.
  public var terminal: Terminal?
  public var environment: [String: String]
  /// The arguments with which the running command was called.
  public var arguments: [String] = []

  public init(
    write: @escaping @Sendable (String) -> Void, writeError: @escaping @Sendable (String) -> Void,
    terminal: Terminal? = nil, environment: [String: String] = [:]
  ) {
    self.write = write
    self.writeError = writeError
    self.terminal = terminal
    self.environment = environment
  }

  /// The process's own standard output and error.
  public static var standard: Console {
    let environment = ProcessInfo.processInfo.environment
    return Console(
      write: { put($0, to: STDOUT_FILENO) }, writeError: { put($0, to: STDERR_FILENO) },
      terminal: Terminal.of(descriptor: STDERR_FILENO, environment: environment), environment: environment)
  }

  /// The running command as a line that a shell accepts, with the argument `more` added.
  public func commandLine(adding more: String? = nil) -> String {
    let words = ["consilium"] + arguments + (more.map { arguments.contains($0) ? [] : [$0] } ?? [])
    return words.map(\.shellQuoted).joined(separator: " ")
  }

  /// The maximum width of a printed table, in characters.
  var width: Int { terminal?.size().columns ?? 100 }

  /// Prints text of one or several lines to standard output, without hidden characters. Text from another
  /// party must already be on one line, so that it cannot begin a line of its own.
  public func print(_ text: String) { write(text.onItsLines + "\n") }

  /// Prints text to standard error, in the same way as ``print(_:)``.
  public func printError(_ text: String) { writeError(text.onItsLines + "\n") }

  /// Writes a text as a whole: no other text to the same descriptor can interrupt it, although a pipe accepts
  /// a long text only in pieces.
  ///
  /// Text that a closed pipe or a full disk does not accept is dropped: there is nowhere left to report it.
  static func put(_ text: String, to descriptor: Int32) {
    let lock = descriptor == STDERR_FILENO ? errorLock : outputLock
    lock.withLock {
      try? FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(contentsOf: Data(text.utf8))
    }
  }

  /// There are two locks, so that unread output does not block errors.
  private static let (outputLock, errorLock) = (NSLock(), NSLock())
}
