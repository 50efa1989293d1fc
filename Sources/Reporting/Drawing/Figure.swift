/// A drawing, as part of a page or as a separate file.
package struct Figure: Sendable {
  let width: Double
  let height: Double
  /// A description of the drawing for readers who cannot see it.
  let label: String
  /// Whether the drawing scrolls on narrow screens instead of shrinking.
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

  /// The drawing as part of a page, which supplies the style sheet.
  package var inline: Markup {
    // Leave the size to the style sheet: a strict content security policy forbids inline styles.
    drawing(width: scrolls ? width : nil) { content }
  }

  /// The drawing as a self-contained SVG file.
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
