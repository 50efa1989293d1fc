import ArgumentParser
import StudyProtocol

/// The error for a command line with an unknown command.
struct UnknownCommand: Error, Equatable {
  var message: String
  /// The usage of the last known command before the unknown name.
  var usage: String

  /// Finds the first word that should name a command but does not, and returns its error. Returns `nil` if
  /// there is no such word.
  static func first(in arguments: [String]) -> UnknownCommand? {
    var level = Level(Consilium.self)
    var path = [level.name]
    for word in arguments.first == "help" ? Array(arguments.dropFirst()) : arguments {
      if word.hasPrefix("-") || level.children.isEmpty { return nil }
      guard let next = level.children.first(where: { $0.names.contains(word) }) else {
        return UnknownCommand(word, after: path, among: level.children)
      }
      level = next
      path.append(next.name)
    }
    return nil
  }

  init(message: String, usage: String) {
    self.message = message
    self.usage = usage
  }

  private init(_ word: String, after path: [String], among children: [Level]) {
    let command = path.joined(separator: " ")
    let known = children.flatMap(\.names) + (path.count == 1 ? ["help"] : [])
    message = "'\(command)' has no command '\(word.prefix(40))'.\(NearestName.hint(for: word, among: known))"
    usage = """
      Usage: \(command) <command>
        Commands: \(children.map(\.name).joined(separator: ", "))
        See '\(command) --help' for what each does.
      """
  }

  /// The names of a command and its subcommands.
  private struct Level {
    var name: String
    var names: [String]
    var children: [Level]

    init(_ command: any ParsableCommand.Type) {
      let configuration = command.configuration
      name = configuration.commandName ?? ""
      names = [name] + configuration.aliases
      children = configuration.subcommands.map { Level($0) }
    }
  }
}
