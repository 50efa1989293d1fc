import FederatedCore
import Yams

/// Refuses hidden characters in a study file, since people at the sites read its text before they sign it.
///
/// A bidirectional override, for example, shows a text in another order than it is stored. Line feeds and
/// tabs are permitted: a question may have several lines, and is shown on one line.
struct HiddenCharacters {
  let log: FaultLog

  /// Checks the text of the file, including its comments, and the values that it writes with escapes.
  func check(_ text: String, _ root: Yams.Node) {
    var line = 1
    var isClean = true
    for content in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false) {
      for (offset, scalar) in content.enumerated() where Self.isRefused(scalar) && scalar != "\r" {
        report(scalar, line: line, column: offset + 1)
        isClean = false
      }
      line += 1
    }
    if isClean { check(root) }
  }

  private func check(_ node: Yams.Node) {
    switch node {
    case .scalar(let scalar):
      if let found = scalar.string.unicodeScalars.first(where: Self.isRefused) {
        report(found, line: scalar.mark?.line ?? 1, column: scalar.mark?.column ?? 1)
      }
    case .sequence(let sequence): sequence.forEach(check)
    case .mapping(let mapping):
      for (key, value) in mapping {
        check(key)
        check(value)
      }
    case .alias: break
    }
  }

  private static func isRefused(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isHidden && scalar != "\n" && scalar != "\t"
  }

  private func report(_ scalar: Unicode.Scalar, line: Int, column: Int) {
    log.add(
      "the text contains the invisible character \(FoundValue.code(of: scalar)), which can make it look like another "
        + "text; remove it", line: line, column: column)
  }
}
