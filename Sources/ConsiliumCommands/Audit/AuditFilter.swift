import ArgumentParser
import AuditLog
import FederatedCore
import Foundation

/// The arguments that select a log and some of its entries.
struct AuditFilter: ParsableArguments {
  @Argument(help: ArgumentHelp("An audit log, or a folder that contains one as audit.log.", valueName: "log"))
  var path: String

  @Option(
    help: ArgumentHelp(
      "Only entries of the study with this name, or whose digest begins with this.", valueName: "study"))
  var study: String?

  @Option(
    help: ArgumentHelp(
      "Only entries from this time on: 2027-03-01, or 2027-03-01T09:30:00Z.", valueName: "time"))
  var since: String?

  func validate() throws {
    if let since, Self.time(since) == nil {
      throw ValidationError(
        "--since must be a date such as 2027-03-01 or a time such as 2027-03-01T09:30:00Z")
    }
  }

  /// Passes each selected entry to `body`, and also each line that is not a valid entry.
  ///
  /// - Returns: The number of damaged or changed lines in the whole log.
  func forEachLine(_ body: (AuditReader.Line) throws -> Void) throws -> Int {
    let start = since.flatMap(Self.time)
    var reader = try AuditReader(URL(fileURLWithPath: path))
    var damaged = 0
    while let line = try reader.next() {
      if !line.isIntact { damaged += 1 }
      if let entry = line.entry {
        if let study, !entry.subject.isOf(study: study) { continue }
        if let start, entry.time < start { continue }
      }
      try body(line)
    }
    return damaged
  }

  private static func time(_ text: String) -> Date? {
    if let time = try? Date(text, strategy: .iso8601) { return time }
    return try? Date(text, strategy: .iso8601.year().month().day())
  }
}
