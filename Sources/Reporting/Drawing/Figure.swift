/// One drawing: part of a page, or a file of its own.
package struct Figure: Sendable {
  let width: Double
  let height: Double
  /// What is to be seen, for those who do not see it.
  let label: String
  /// On a narrower screen the drawing scrolls instead of shrinking.
  let scrolls: Bool
  private let content: Markup

  init(
    width: Double, height: Double, label: String, scrolls: Bool = false,
    @MarkupBuilder _ content: () -> Markup
  ) {
    self.width = width
    self.height = height
    self.label = label
    self.scrolls = scrolls
    self.content = content()
  }

  /// The drawing within a page, which has the style sheet.
  package var inline: Markup {
    // The style sheet does the rest: a page under a strict content security policy may have no inline styles.
    drawing(width: scrolls ? width : nil) { content }
  }

  /// The drawing as an SVG file that needs nothing else.
  var file: String {
    drawing(style: "font-family:sans-serif;background:#fff") {
      Stylesheet.figures
      content
    }.source + "\n"
  }

  private func drawing(
    width shown: Double? = nil, style: String? = nil, @MarkupBuilder _ content: () -> Markup
  ) -> Markup {
    tag(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": "0 0 \(Shapes.number(width)) \(Shapes.number(height))",
        "width": shown.map(Shapes.number), "role": "img", "aria-label": label, "style": style,
      ], content)
  }
}
