/// Simulates as much of a terminal as the program uses: line feed, carriage return, cursor up, and erasing
/// lines and everything below.
struct FakeScreen {
  private(set) var rows = [""]
  private var row = 0
  private var column = 0

  /// The rows after `text` was written, without empty rows at the end.
  static func rows(after text: String) -> [String] {
    var screen = FakeScreen()
    screen.write(text)
    while screen.rows.last?.isEmpty == true { screen.rows.removeLast() }
    return screen.rows
  }

  private mutating func write(_ text: String) {
    var rest = Substring(text)
    while let first = rest.first {
      if let match = rest.prefixMatch(of: /\u{1B}\[(\??)([0-9]*)([A-Za-z])/) {
        control(match.3, Int(match.2))
        rest = rest[match.range.upperBound...]
        continue
      }
      switch first {
      case "\r": column = 0
      case "\n":
        (row, column) = (row + 1, 0)
        if row == rows.count { rows.append("") }
      default: put(first)
      }
      rest.removeFirst()
    }
  }

  private mutating func control(_ code: Substring, _ number: Int?) {
    switch code {
    case "A": row -= number ?? 1
    case "K": rows[row] = String(rows[row].prefix(column))
    case "J":
      rows[row] = String(rows[row].prefix(column))
      rows.removeSubrange((row + 1)...)
    default: break
    }
  }

  private mutating func put(_ character: Character) {
    var line = Array(rows[row])
    if column < line.count { line[column] = character } else { line.append(character) }
    rows[row] = String(line)
    column += 1
  }
}
