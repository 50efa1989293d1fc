import ArgumentParser
import FederatedCore
import JSONLogging
import Logging

/// The format of a service's log.
enum LogFormat: String, CaseIterable, ExpressibleByArgument {
  /// Logs only the important events, as lines for people.
  case text
  /// Logs every event as one JSON object per line, for log collectors.
  case json
}

/// The argument that selects a service's log format.
struct LogInput: ParsableArguments {
  @Option(help: "The log format on standard error: text for people, json for programs, one object per line.")
  var logFormat = LogFormat.text

  /// Creates a logger with the given name, such as `coordinator`.
  ///
  /// Each logger gets its handler here, and no global handler is set: a process may run several commands, as
  /// tests do.
  func logger(_ label: String) -> Logger {
    let console = Console.current
    return Logger(label: label) { label in
      switch logFormat {
      case .json: JSONLogHandler(label: label, write: { console.writeError($0) })
      case .text: TextLogHandler { console.printError($0) }
      }
    }
  }

  /// Runs a service. In the format `json`, an error that ends the service is also logged as a line.
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
