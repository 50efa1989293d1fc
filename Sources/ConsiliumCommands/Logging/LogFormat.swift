import ArgumentParser
import FederatedCore
import JSONLogging
import Logging

/// How a service that runs for long says what it does.
enum LogFormat: String, CaseIterable, ExpressibleByArgument {
  /// Lines for people, of what they should know.
  case text
  /// One JSON object a line, of everything, for programs that collect.
  case json
}

/// The argument that says how a service logs.
struct LogInput: ParsableArguments {
  @Option(help: "How to log to standard error: text for people, json for programs, one object a line.")
  var logFormat = LogFormat.text

  /// A logger with a name of its own, such as `coordinator`.
  ///
  /// Each has its handler from here, and no global one is set: a process may run several commands, as tests do.
  func logger(_ label: String) -> Logger {
    let console = Console.current
    return Logger(label: label) { label in
      switch logFormat {
      case .json: JSONLogHandler(label: label, write: { console.writeError($0) })
      case .text: TextLogHandler { console.printError($0) }
      }
    }
  }

  /// Runs a service; with JSON, what it fails with is a line of the log too.
  func reporting(_ logger: Logger, _ body: () async throws -> Void) async throws {
    do { try await body() } catch  where logFormat == .json {
      let report = ErrorReport(error)
      for entry in report.entries {
        let level: Logger.Level = report.status == 130 ? .notice : .critical
        logger.log(level: level, "\(entry.message)", metadata: ["code": .string(entry.code)])
      }
      throw ExitCode(report.status)
    }
  }
}
