import ArgumentParser
import FederatedCore
import Foundation
import StudyProtocol

/// The message of a failed command, and its exit status.
struct ErrorReport {
  struct Entry: Encodable, Equatable {
    var event = "error"
    var code: String
    var message: String
    var file: String?
    var line: Int?
    var column: Int?
    /// The invalid setting, for example `training.optimizer.learning-rate`.
    var path: String?
    /// The line for a terminal, if it differs from `error: message`.
    var text: String?

    private enum CodingKeys: String, CodingKey { case event, code, message, file, line, column, path }
  }

  var entries: [Entry]
  /// The usage of the command, if its arguments were invalid.
  var usage: String?
  var status: Int32

  init(_ error: any Error) {
    switch error {
    case let error as ConsiliumError:
      entries = [Entry(code: error.code.description, message: error.message)]
      status = error.exitStatus
    case let error as StudyDiagnostics:
      entries = error.diagnostics.map { fault in
        Entry(
          code: ConsiliumError.Code.invalidInput.description, message: fault.message, file: fault.file,
          line: fault.line, column: fault.column, path: fault.path.isEmpty ? nil : fault.path,
          text: fault.description)
      }
      status = 2
    case is CancellationError:
      entries = [Entry(code: ConsiliumError.Code.cancelled.description, message: "stopped")]
      status = 130
    case let unknown as UnknownCommand:
      entries = [Entry(code: ConsiliumError.Code.invalidInput.description, message: unknown.message)]
      usage = unknown.usage
      status = 2
    case let code as ExitCode:
      entries = []
      status = code.rawValue
    default:
      let isUsage = Consilium.exitCode(for: error) == .validationFailure
      entries = [
        Entry(
          code: isUsage ? ConsiliumError.Code.invalidInput.description : "failed",
          message: Consilium.message(for: error))
      ]
      usage = isUsage ? Self.usage(in: Consilium.fullMessage(for: error)) : nil
      status = isUsage ? 2 : 1
    }
  }

  /// The lines for a terminal: `error: …`, then the usage.
  var lines: [String] {
    // Indent all lines but the first: a message may quote a file or another party, and a quoted line must not
    // look like a message of its own.
    entries.map { ($0.text ?? "error: " + $0.message).onIndentedLines } + [usage].compactMap(\.self)
  }

  /// The lines for programs: one JSON object per line.
  var jsonLines: [String] { entries.map(JSONLine.encode) }

  /// The usage in the parser's message: the part that begins with `Help:` or `Usage:`.
  private static func usage(in message: String) -> String? {
    message.range(of: #"(?m)^(Help|Usage): "#, options: .regularExpression).map {
      String(message[$0.lowerBound...])
    }
  }
}
