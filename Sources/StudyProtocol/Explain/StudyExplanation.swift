/// A study in plain English, for a physician who must decide whether to take part.
public struct StudyExplanation: Sendable, Equatable {
  public struct Section: Sendable, Equatable {
    public var title: String
    /// Paragraphs separated by empty lines; lines that begin with `- ` form a list.
    public var text: String
  }

  public var sections: [Section]

  /// The sections without their titles.
  public var prose: String { sections.map(\.text).joined(separator: "\n\n") }

  /// Formats a page for a terminal: titles, and lines of at most `width` characters.
  public func page(width: Int = 80) -> String {
    sections.map { section in
      let lines = section.text.split(separator: "\n", omittingEmptySubsequences: false)
      return ([section.title.uppercased(), ""] + lines.flatMap { Self.wrap($0, width: width) }).joined(
        separator: "\n")
    }.joined(separator: "\n\n")
  }

  /// Wraps one line into several lines. In a list item, all lines except the first are indented.
  static func wrap(_ line: Substring, width: Int) -> [String] {
    let indent = line.hasPrefix("- ") ? "  " : ""
    var lines: [String] = [""]
    for word in line.split(separator: " ") {
      let last = lines[lines.count - 1]
      if last.isEmpty {
        lines[lines.count - 1] = String(word)
      } else if last.count + 1 + word.count <= width {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(indent + word)
      }
    }
    return lines
  }
}

/// Formats numbers and lists as English words.
enum English {
  /// Joins texts as in `A, B and C`.
  static func list(_ items: [String], _ conjunction: String = "and") -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " \(conjunction) " + last
  }

  /// A number with a noun: `1 round`, `20 rounds`.
  static func count(_ number: Int, _ noun: String, _ plural: String? = nil) -> String {
    number == 1 ? "1 \(noun)" : "\(number) \(plural ?? noun + "s")"
  }

  /// `20 %`.
  static func percent(_ share: Double) -> String { "\(((share * 1000).rounded() / 10).short) %" }

  /// Formats a size: `128 × 128`.
  static func size(_ size: [Int]) -> String { size.map(String.init).joined(separator: " × ") }

  static func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}
