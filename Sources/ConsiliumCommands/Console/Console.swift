import Foundation

/// Where a command prints and what it knows of its surroundings; a test puts its own in place.
public struct Console: Sendable {
  /// The console of the running command.
  @TaskLocal public static var current = Console.standard

  /// Writes to standard output: what was asked for.
  public var write: @Sendable (String) -> Void
  /// Writes to standard error: progress, warnings and errors.
  public var writeError: @Sendable (String) -> Void
  /// How standard error shows progress.
  public var terminal: Terminal?
  public var environment: [String: String]
  /// What the running command was called with.
  public var arguments: [String] = []

  public init(
    write: @escaping @Sendable (String) -> Void, writeError: @escaping @Sendable (String) -> Void,
    terminal: Terminal? = nil, environment: [String: String] = [:]
  ) {
    (self.write, self.writeError) = (write, writeError)
    (self.terminal, self.environment) = (terminal, environment)
  }

  /// The process's own standard output and error.
  public static var standard: Console {
    let environment = ProcessInfo.processInfo.environment
    return Console(
      write: { put($0, to: STDOUT_FILENO) }, writeError: { put($0, to: STDERR_FILENO) },
      terminal: Terminal.of(descriptor: STDERR_FILENO, environment: environment), environment: environment)
  }

  /// The command line as a shell takes it, with `more` at its end.
  public func commandLine(adding more: String? = nil) -> String {
    let words = ["consilium"] + arguments + (more.map { arguments.contains($0) ? [] : [$0] } ?? [])
    return words.map(\.shellQuoted).joined(separator: " ")
  }

  /// The columns that a table may take.
  var width: Int { terminal?.size().columns ?? 100 }

  public func print(_ line: String) { write(line + "\n") }

  public func printError(_ line: String) { writeError(line + "\n") }

  /// Writes all of a text before any other to the same descriptor: a pipe takes a long one in pieces.
  ///
  /// What a closed pipe or a full disk does not take is dropped: there is nowhere left to say so.
  static func put(_ text: String, to descriptor: Int32) {
    let lock = descriptor == STDERR_FILENO ? errorLock : outputLock
    lock.withLock {
      try? FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(contentsOf: Data(text.utf8))
    }
  }

  /// Two, so that output that nobody reads does not hold up errors.
  private static let (outputLock, errorLock) = (NSLock(), NSLock())
}
