import FederatedCore

/// A fragment of well-formed HTML or SVG. All text in it is escaped, so no input can become markup.
package struct Markup: Sendable {
  package let source: String

  package static let empty = Self(source: "")

  /// Escapes a text for XML. Replaces hidden characters, except tabs and line feeds, with U+FFFD: XML forbids
  /// some of them, and some reverse the text that follows.
  package static func escape(_ text: String) -> String {
    guard text.utf8.contains(where: Self.needsEscape) else { return text }
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      case "\t", "\n": escaped.unicodeScalars.append(scalar)
      case _ where scalar.isHidden: escaped += "\u{FFFD}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// Whether a UTF-8 byte may begin a character that has a meaning in XML or is hidden.
  private static func needsEscape(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"): true
    // Check every character beyond ASCII, since most blocks of Unicode have hidden characters.
    case ..<0x20, 0x7F...: true
    default: false
    }
  }

  /// The style sheet of the page. Only this text is not escaped, since it is a constant of the program.
  package static func style(_ sheet: StaticString) -> Self { Self(source: "<style>\(sheet)</style>") }
}

/// Creates an element; attributes that are `nil` are left out.
package func tag(
  _ name: String, _ attributes: KeyValuePairs<String, String?> = [:],
  @MarkupBuilder _ content: () -> Markup = { .empty }
) -> Markup {
  var source = "<" + name
  for case (let key, let value?) in attributes { source += " \(key)=\"\(Markup.escape(value))\"" }
  let inner = content().source
  // Close only these elements without an end tag: HTML requires an end tag on all others. XML accepts both
  // forms.
  let isVoid = ["meta", "link", "img", "input", "br", "line", "rect", "path", "circle"].contains(name)
  source += isVoid && inner.isEmpty ? "/>" : ">\(inner)</\(name)>"
  let isBlock = ["section", "tr", "p", "li", "figure", "table", "svg", "g", "h2", "h3", "div"].contains(name)
  return Markup(source: isBlock ? "\n" + source : source)
}

/// Builds markup from elements and texts, and escapes the texts.
@resultBuilder
package enum MarkupBuilder {
  package static func buildExpression(_ text: String) -> Markup { Markup(source: Markup.escape(text)) }
  package static func buildExpression(_ markup: Markup) -> Markup { markup }
  package static func buildExpression(_ parts: [Markup]) -> Markup { buildArray(parts) }
  package static func buildBlock(_ parts: Markup...) -> Markup { buildArray(parts) }
  package static func buildArray(_ parts: [Markup]) -> Markup { Markup(source: parts.map(\.source).joined()) }
  package static func buildOptional(_ part: Markup?) -> Markup { part ?? .empty }
  package static func buildEither(first: Markup) -> Markup { first }
  package static func buildEither(second: Markup) -> Markup { second }
}
