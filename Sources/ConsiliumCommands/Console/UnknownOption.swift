import ArgumentParser
import StudyProtocol

/// Finds an unknown option in a command line whose arguments could not be parsed.
///
/// The parser itself suggests a name only if there is no other error. A mistyped required option causes two
/// errors: an unknown option, and a missing one.
enum UnknownOption {
  /// - Returns: The error for the first unknown option whose name resembles one of the command's options.
  static func first(in arguments: [String]) -> UnknownCommand? {
    var command: any ParsableCommand.Type = Consilium.self
    var path = ["consilium"]
    for word in arguments {
      guard let child = child(of: command, named: word) else { break }
      command = child
      path.append(word)
    }
    let known = options(of: command)
    let words = arguments.prefix { $0 != "--" }.filter { $0.hasPrefix("--") }
    for word in words.map({ String($0.prefix { $0 != "=" }) }) where !known.contains(word) {
      let hint = NearestName.hint(for: word, among: known)
      guard !hint.isEmpty else { continue }
      let name = path.joined(separator: " ")
      return UnknownCommand(
        message: "'\(name)' has no option '\(word.prefix(40))'.\(hint)",
        usage: "Usage: see '\(name) --help' for its options.")
    }
    return nil
  }

  private static func child(of command: any ParsableCommand.Type, named word: String) -> (
    any ParsableCommand.Type
  )? {
    for child in command.configuration.subcommands where child.configuration.commandName == word {
      return child
    }
    return nil
  }

  /// The long options listed in a command's help.
  private static func options(of command: any ParsableCommand.Type) -> [String] {
    Set(command.helpMessage().matches(of: /--[a-z][a-z-]*/).map { String($0.output) }).sorted()
  }
}
