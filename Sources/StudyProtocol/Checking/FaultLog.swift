import Yams

/// Collects the errors of one file, with the positions of its keys. Reading continues after each error.
final class FaultLog {
  let file: String
  private var faults: [StudyDiagnostics.Diagnostic] = []
  /// The key paths whose values could not be read, and which therefore have a placeholder value.
  private var unread: [String] = []
  private var marks: [String: Mark] = [:]

  init(file: String) { self.file = file }

  /// Records the position of a key path.
  func place(_ path: String, at mark: Mark?) { marks[path] = mark }

  /// Whether the file has this key.
  func has(_ path: String) -> Bool { marks[path] != nil }

  /// Adds an error about one place in the file.
  func add(_ message: String, at path: String, mark: Mark? = nil) {
    unread.append(path)
    report(message, at: path, mark: mark)
  }

  private func report(_ message: String, at path: String, mark: Mark?) {
    let mark = mark ?? nearestMark(to: path)
    faults.append(.init(file: file, line: mark?.line, column: mark?.column, path: path, message: message))
  }

  /// Adds an error about one place in the text of the file.
  func add(_ message: String, line: Int, column: Int) {
    faults.append(.init(file: file, line: line, column: column, message: message))
  }

  /// Adds an error about contradictory settings, unless one of the settings could not be read.
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

  /// The position of the path, or of the innermost enclosing mapping that the file has.
  private func nearestMark(to path: String) -> Mark? {
    var path = path[...]
    while true {
      if let mark = marks[String(path)] { return mark }
      guard let cut = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return marks[""] }
      path = path[..<cut]
    }
  }
}
