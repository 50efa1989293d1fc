import Yams

/// Collects the faults of one file, with the places of its keys; reading goes on after each fault.
final class FaultLog {
  let file: String
  private var faults: [StudyDiagnostics.Diagnostic] = []
  /// The key paths that have a stand-in value, since what the file says cannot be read.
  private var unread: [String] = []
  private var marks: [String: Mark] = [:]

  init(file: String) { self.file = file }

  /// Remembers where a key path is.
  func place(_ path: String, at mark: Mark?) { marks[path] = mark }

  /// Whether the file has this key.
  func has(_ path: String) -> Bool { marks[path] != nil }

  /// Adds a fault of what the file says at one place.
  func add(_ message: String, at path: String, mark: Mark? = nil) {
    unread.append(path)
    report(message, at: path, mark: mark)
  }

  private func report(_ message: String, at path: String, mark: Mark?) {
    let mark = mark ?? nearestMark(to: path)
    faults.append(.init(file: file, line: mark?.line, column: mark?.column, path: path, message: message))
  }

  /// Adds a fault of settings that do not fit together, unless one of them could not be read.
  func contradiction(_ message: String, at path: String, with others: String...) {
    let involved = [path] + others
    let isDoubtful = unread.contains { unread in
      unread.isEmpty || involved.contains { Self.isWithin($0, unread) || Self.isWithin(unread, $0) }
    }
    if !isDoubtful { report(message, at: path, mark: nil) }
  }

  private static func isWithin(_ path: String, _ outer: String) -> Bool {
    path == outer || path.hasPrefix(outer + ".") || path.hasPrefix(outer + "[")
  }

  func throwIfAny() throws(StudyDiagnostics) {
    guard !faults.isEmpty else { return }
    let unique = faults.enumerated().filter { !faults[..<$0.offset].contains($0.element) }
    throw StudyDiagnostics(
      unique.sorted {
        ($0.element.line ?? 0, $0.element.column ?? 0, $0.offset)
          < ($1.element.line ?? 0, $1.element.column ?? 0, $1.offset)
      }.map(\.element))
  }

  /// The place of the path, or of the closest mapping around it that the file has.
  private func nearestMark(to path: String) -> Mark? {
    var path = path[...]
    while true {
      if let mark = marks[String(path)] { return mark }
      guard let cut = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return marks[""] }
      path = path[..<cut]
    }
  }
}
