import Foundation
import Yams

/// Parses the text of a study or site file into a tree of nodes with their positions.
enum YAMLFile {
  /// The largest size of a file in bytes. No study or site file needs more; a larger file was probably named
  /// by mistake.
  static let largestFile = 1 << 20

  static func text(of url: URL) throws(StudyDiagnostics) -> String {
    let name = url.relativePath
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw fault(name, "the file cannot be read; expected a YAML file")
    }
    guard data.count <= largestFile else {
      throw fault(
        name, "the file has \(data.count) bytes; a study or site file may have at most \(largestFile)")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw fault(name, "the file is not text in UTF-8; save it as UTF-8", line: firstBadLine(data))
    }
    return text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
  }

  /// The root node.
  ///
  /// - Throws: ``StudyDiagnostics`` if the text is empty or not a single YAML document.
  static func root(of text: String, file: String) throws(StudyDiagnostics) -> Node {
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch let error as YamlError {
      throw describe(error, text: text, file: file)
    } catch {
      throw fault(file, "this is not YAML")
    }
    guard let node, node.scalar.map({ !isNull($0) }) ?? true else {
      throw fault(file, "the file is empty", line: 1)
    }
    return node
  }

  static func isNull(_ scalar: Node.Scalar) -> Bool {
    scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  private static func describe(_ error: YamlError, text: String, file: String) -> StudyDiagnostics {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      if let line = firstTabIndent(text, upTo: mark.line) {
        return fault(file, "the line is indented with a tab; YAML accepts only spaces", line: line, column: 1)
      }
      let whileReading = context.map { " (\($0.text), which begins in line \($0.mark.line))" } ?? ""
      return fault(file, "YAML syntax: \(problem)\(whileReading)", line: mark.line, column: mark.column)
    case .duplicatedKeysInMapping(let duplicates, let context):
      let keys = duplicates.map { "'\($0)'" }.joined(separator: ", ")
      return fault(
        file, "the key \(keys) occurs more than once in one mapping", line: context.mark.line,
        column: context.mark.column)
    case .reader(let problem, let offset, _, _):
      let line = offset.map { text.prefix($0).reduce(into: 1) { $0 += $1.isNewline ? 1 : 0 } }
      return fault(file, "YAML syntax: \(problem)", line: line)
    default:
      return fault(file, "this is not YAML")
    }
  }

  private static func fault(_ file: String, _ message: String, line: Int? = nil, column: Int? = nil)
    -> StudyDiagnostics
  {
    StudyDiagnostics([.init(file: file, line: line, column: column, message: message)])
  }

  private static func firstTabIndent(_ text: String, upTo last: Int) -> Int? {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).prefix(last)
      .enumerated()
    where line.prefix(while: { $0 == " " || $0 == "\t" }).contains("\t") && !line.allSatisfy(\.isWhitespace) {
      return index + 1
    }
    return nil
  }

  /// The line of the first byte that is not UTF-8.
  private static func firstBadLine(_ data: Data) -> Int {
    var line = 1
    for part in data.split(separator: 0x0A, omittingEmptySubsequences: false) {
      if String(data: Data(part), encoding: .utf8) == nil { return line }
      line += 1
    }
    return line
  }
}
