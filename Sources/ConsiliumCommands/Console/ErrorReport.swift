import ArgumentParser
import FederatedCore
import Foundation
import StudyProtocol

/// What a failed command tells the user, and with which status it ends.
struct ErrorReport {
  struct Entry: Encodable, Equatable {
    var event = "error"
    var code: String
    var message: String
    var file: String?
    var line: Int?
    var column: Int?
    /// The setting that is wrong, for example `training.optimizer.learning-rate`.
    var path: String?
    /// The line for a person, where it is not `error: message`.
    var text: String?

    private enum CodingKeys: String, CodingKey { case event, code, message, file, line, column, path }
  }

  var entries: [Entry]
  /// How to use the command, where its arguments were wrong.
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

  /// For a person: `error: …`, then how to use the command.
  var lines: [String] {
    // A message may quote a file, or what another party said.
    entries.map { ($0.text ?? "error: " + $0.message).onItsLines } + [usage].compactMap(\.self)
  }

  /// For a program: one object a line.
  var jsonLines: [String] { entries.map(JSONLine.encode) }

  /// The part after the message, which begins with `Help:` or `Usage:`.
  private static func usage(in message: String) -> String? {
    message.range(of: #"(?m)^(Help|Usage): "#, options: .regularExpression).map {
      String(message[$0.lowerBound...])
    }
  }
}
