import AuditLog
import FederatedCore
import Foundation

/// A format in which an audit log is exported.
protocol AuditFormat {
  var beginning: String { get }
  var separator: String { get }
  var end: String { get }
  func text(of entry: AuditEntry, line: AuditReader.Line) -> String
}

/// A JSON array with the entries of the log; hidden characters of an entry are written as escapes.
struct AuditArray: AuditFormat {
  let beginning = "[\n"
  let separator = ",\n"
  let end = "\n]\n"

  func text(of entry: AuditEntry, line: AuditReader.Line) -> String { line.text.withJSONEscapes }
}

/// A table in CSV (RFC 4180).
struct AuditTable: AuditFormat {
  let beginning = "sequence,time,actor,action,study,digest,arm,round,site,details,hash,intact\r\n"
  let separator = "\r\n"
  let end = "\r\n"

  func text(of entry: AuditEntry, line: AuditReader.Line) -> String {
    let subject = entry.subject
    let details = entry.details.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let cells = [
      "\(entry.sequence)", entry.time.formatted(.iso8601), entry.actor.description, entry.kind,
      subject.study ?? "",
      subject.digest ?? "", subject.arm ?? "", subject.round.map(String.init) ?? "",
      subject.site?.rawValue ?? "",
      details.joined(separator: "; "), entry.hash, line.isIntact ? "true" : "false",
    ]
    return cells.map(CSVCell.text).joined(separator: ",")
  }
}
