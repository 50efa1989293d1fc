/// Turns plain text into page content.
package enum Prose {
  /// Joins texts as in `A, B and C`.
  package static func list(_ items: [String]) -> String {
    guard items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " and " + items[items.count - 1]
  }

  /// Turns text into paragraphs and lists. Empty lines separate paragraphs. Lines that begin with `- ` become
  /// a list.
  ///
  /// - Parameter limit: A list with more items is initially collapsed on screen. On paper, it is complete.
  package static func markup(_ text: String, collapsingListsOver limit: Int = .max) -> Markup {
    MarkupBuilder.buildArray(blocks(text).flatMap { paragraphs($0, limit) })
  }

  /// The first paragraph that ends with a question mark, without its quotation marks.
  static func question(in text: String) -> String? {
    blocks(text).map { $0.joined(separator: " ").trimmingQuotes }.first { $0.hasSuffix("?") }
  }

  private static func blocks(_ text: String) -> [[Substring]] {
    text.split(separator: "\n", omittingEmptySubsequences: false).split { $0.allSatisfy(\.isWhitespace) }
      .map(Array.init)
  }

  private static func paragraphs(_ lines: [Substring], _ limit: Int) -> [Markup] {
    let start = lines.firstIndex { $0.hasPrefix("- ") } ?? lines.count
    let (prose, items) = (lines[..<start], lines[start...])
    var parts: [Markup] = []
    if !prose.isEmpty { parts.append(tag("p") { prose.joined(separator: " ") }) }
    if !items.isEmpty {
      parts.append(list(items.map { String($0.hasPrefix("- ") ? $0.dropFirst(2) : $0) }, limit))
    }
    return parts
  }

  @MarkupBuilder private static func list(_ items: [String], _ limit: Int) -> Markup {
    let whole = tag("ul") { for item in items { tag("li") { item } } }
    if items.count > limit {
      tag("details", ["class": "screen"]) {
        tag("summary") { "All \(items.count)" }
        whole
      }
      // Repeat the list for paper, since browsers print a collapsed element without its content.
      tag("div", ["class": "paper"]) { whole }
    } else {
      whole
    }
  }
}

extension String {
  /// The text without the quotation marks around it.
  fileprivate var trimmingQuotes: String {
    hasPrefix("“") && hasSuffix("”") ? String(dropFirst().dropLast()) : self
  }
}
