/// Plain text as page content.
package enum Prose {
  /// `A, B and C`.
  package static func list(_ items: [String]) -> String {
    guard items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " and " + items[items.count - 1]
  }

  /// Paragraphs apart by empty lines; lines that begin with `- ` become a list.
  package static func markup(_ text: String) -> Markup {
    let blocks = text.split(separator: "\n", omittingEmptySubsequences: false).split {
      $0.allSatisfy(\.isWhitespace)
    }
    return MarkupBuilder.buildArray(blocks.flatMap { paragraphs(Array($0)) })
  }

  private static func paragraphs(_ lines: [Substring]) -> [Markup] {
    let start = lines.firstIndex { $0.hasPrefix("- ") } ?? lines.count
    let (prose, items) = (lines[..<start], lines[start...])
    var parts: [Markup] = []
    if !prose.isEmpty { parts.append(tag("p") { prose.joined(separator: " ") }) }
    if !items.isEmpty {
      parts.append(
        tag("ul") {
          for item in items { tag("li") { String(item.hasPrefix("- ") ? item.dropFirst(2) : item) } }
        })
    }
    return parts
  }
}
