import ArgumentParser
import AuditLog
import FederatedCore
import Foundation

struct AuditShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Print the entries of an audit log, even while it is being written.",
    discussion: "Printing does not verify anything; 'consilium audit verify' does.")

  @OptionGroup var filter: AuditFilter

  @Flag(help: "Print the lines as in the log, one JSON object each, with invisible characters as escapes.")
  var json = false

  func run() throws {
    let console = Console.current
    let damaged = try filter.forEachLine { line in
      if json {
        console.print(line.text.withJSONEscapes)
      } else if let entry = line.entry {
        console.print(entry.words + (line.isIntact ? "" : "  [changed]"))
      } else {
        console.print("line \(line.number) is not an entry")
      }
    }
    if damaged > 0 {
      console.printError(
        "warning: \(damaged == 1 ? "1 line is" : "\(damaged) lines are") damaged or changed; run 'consilium audit verify \(filter.path.shellQuoted)'"
      )
    }
  }
}

extension AuditEntry {
  /// The entry as one line.
  fileprivate var words: String {
    let place = [
      subject.study, subject.digest.map { String($0.prefix(12)) }, subject.arm,
      subject.round.map { "round \($0)" },
      subject.site.map { "site \($0)" },
    ].compactMap(\.self)
    let details = details.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.shellQuoted)" }
    let parts = [
      "\(sequence)", time.formatted(.iso8601), actor.description, kind, place.joined(separator: " "),
    ]
    return (parts + details).filter { !$0.isEmpty }.joined(separator: "  ").onOneLine
  }
}
