import ArgumentParser
import FederatedCore
import Foundation

/// The program `consilium`: arguments in, an exit status out.
public enum Program {
  /// Runs the command that this process was started with and exits.
  public static func main() async -> Never {
    Signals.prepare()
    exit(await run(Array(CommandLine.arguments.dropFirst())))
  }

  /// Runs one command; prints to ``Console/current``.
  ///
  /// - Returns: 0 done, 1 failed, 2 the input is wrong, 3 partial, 130 stopped by the user.
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
