import AuditLog
import Dashboard
import FederatedCore
import Foundation

/// The newest entries of an audit log. The log is read once; later, only its new part is read.
actor AuditWatch {
  /// The number of entries to keep: as many as a page may show.
  private static let most = 1000

  private let file: URL
  private var reader: AuditReader?
  private var all: [AuditLine] = []
  private var ofStudies: [String: [AuditLine]] = [:]

  init(_ file: URL) { self.file = file }

  /// Returns entries, newest first.
  ///
  /// - Throws: ``ConsiliumError`` if the log cannot be read.
  func newest(_ limit: Int, of study: String?) throws -> [AuditLine] {
    try catchUp()
    let lines = study.map { ofStudies[$0] ?? [] } ?? all
    return lines.suffix(limit).reversed()
  }

  private func catchUp() throws {
    if reader == nil { reader = try AuditReader(file) }
    while let line = try reader?.next() {
      guard let entry = line.entry else { continue }
      let shown = AuditLine(entry)
      Self.add(shown, to: &all)
      if let study = entry.subject.study { Self.add(shown, to: &ofStudies[study, default: []]) }
    }
  }

  /// Adds an entry. Removes old entries many at a time, since removing the first element of an array moves
  /// all others.
  private static func add(_ line: AuditLine, to lines: inout [AuditLine]) {
    lines.append(line)
    if lines.count >= 2 * most { lines.removeFirst(lines.count - most) }
  }
}

extension AuditLine {
  init(_ entry: AuditEntry) {
    let place = [
      entry.subject.arm.map { "arm \($0)" }, entry.subject.round.map { "round \($0)" },
      entry.subject.site.map { "site \($0)" },
    ].compactMap(\.self)
    let details = entry.details.sorted { $0.key < $1.key }.map { "\($0.key): \(Self.short($0.value))" }
    self.init(
      number: entry.sequence, time: entry.time, actor: entry.actor.description,
      event: entry.kind.replacing("-", with: " "), study: entry.subject.study,
      detail: ([place.joined(separator: ", ")] + details).filter { !$0.isEmpty }.joined(separator: "; "),
      digest: entry.hash)
  }

  /// The first digits of a digest, as on the pages; the log itself has all of them.
  private static func short(_ value: String) -> String {
    value.count == 64 && value.allSatisfy(\.isHexDigit) ? value.prefix(12) + "…" : value
  }
}
