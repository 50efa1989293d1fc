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

  /// Formats the explanation for a terminal: titles, and indented lines of at most `width` characters.
  ///
  /// Only titles begin in the first column, so no text of the study's author looks like a title, wherever it
  /// is wrapped.
  public func page(width: Int = 80) -> String {
    sections.map { section in
      let lines = section.text.split(separator: "\n", omittingEmptySubsequences: false)
        .flatMap { Self.wrap($0, width: width - 2) }
      return ([section.title.uppercased(), ""] + lines.map { $0.isEmpty ? "" : "  " + $0 })
        .joined(separator: "\n")
    }.joined(separator: "\n\n")
  }

  /// Wraps one line into several lines. In a list item, all lines except the first are indented.
  static func wrap(_ line: Substring, width: Int) -> [String] {
    let indent = line.hasPrefix("- ") ? "  " : ""
    var lines: [String] = [""]
    for word in line.split(separator: " ").flatMap({ pieces($0, width: width - indent.count) }) {
      let last = lines[lines.count - 1]
      if last.isEmpty {
        lines[lines.count - 1] = String(word)
      } else if columns(last) + 1 + columns(word) <= width {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(indent + word)
      }
    }
    return lines
  }

  /// Cuts a word into pieces that fit a line. A terminal would break a longer word itself, and continue it in
  /// the first column.
  private static func pieces(_ word: Substring, width: Int) -> [Substring] {
    guard columns(word) > width else { return [word] }
    var pieces: [Substring] = []
    var rest = word
    while columns(rest) > width {
      var end = rest.startIndex
      var used = 0
      while end < rest.endIndex, used + columns(rest[end...end]) <= width {
        used += columns(rest[end...end])
        end = rest.index(after: end)
      }
      end = max(end, rest.index(after: rest.startIndex))
      pieces.append(rest[..<end])
      rest = rest[end...]
    }
    return rest.isEmpty ? pieces : pieces + [rest]
  }

  /// The width of a text on a terminal, in characters of normal width. East Asian characters and pictures are
  /// twice as wide.
  private static func columns(_ text: some StringProtocol) -> Int {
    text.reduce(0) { sum, character in
      let isWide = character.unicodeScalars.contains { scalar in
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
          0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
          true
        default: false
        }
      }
      return sum + (isWide ? 2 : 1)
    }
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

  /// Formats a share as a percentage, such as `20 %`.
  static func percent(_ share: Double) -> String { "\(((share * 1000).rounded() / 10).short) %" }

  /// Formats a size: `128 × 128`.
  static func size(_ size: [Int]) -> String { size.map(String.init).joined(separator: " × ") }

  static func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}
