import ArgumentParser
import FederatedCore
import Foundation
import ParameterFiles

/// The program `consilium`, from its arguments to its exit status.
public enum Program {
  /// Runs the command with which this process was started, and exits.
  public static func main() async -> Never {
    ProcessPrivacy.begin()
    Signals.prepare()
    exit(await run(Array(CommandLine.arguments.dropFirst())))
  }

  /// Runs one command, which prints to ``Console/current``.
  ///
  /// - Returns: The exit status: 0 done, 1 failed, 2 invalid input, 3 partial, 130 stopped by the user.
  public static func run(_ arguments: [String]) async -> Int32 {
    var console = Console.current
    console.arguments = arguments
    return await Console.$current.withValue(console) { await runCommand(arguments) }
  }

  private static func runCommand(_ arguments: [String]) async -> Int32 {
    do {
      if let unknown = UnknownCommand.first(in: arguments) { throw unknown }
      var command = try parse(arguments)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      return 0
    } catch {
      return end(with: error, asJSON: arguments.contains("--json"))
    }
  }

  private static func parse(_ arguments: [String]) throws -> any ParsableCommand {
    do {
      return try Consilium.parseAsRoot(arguments)
    } catch {
      if Consilium.exitCode(for: error) != .success, let unknown = UnknownOption.first(in: arguments) {
        throw unknown
      }
      throw error
    }
  }

  private static func end(with error: any Error, asJSON: Bool) -> Int32 {
    if Consilium.exitCode(for: error) == .success {
      Console.current.print(Consilium.fullMessage(for: error))
      return 0
    }
    let report = ErrorReport(error)
    for line in asJSON ? report.jsonLines : report.lines { Console.current.printError(line) }
    return report.status
  }
}
