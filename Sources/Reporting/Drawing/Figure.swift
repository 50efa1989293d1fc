/// One drawing: part of a page, or a file of its own.
struct Figure: Sendable {
  let width: Double
  let height: Double
  /// What is to be seen, for those who do not see it.
  let label: String
  /// On a narrower screen the drawing scrolls instead of shrinking.
  let minimumWidth: Double?
  private let content: Markup

  init(
    width: Double, height: Double, label: String, minimumWidth: Double? = nil,
    @MarkupBuilder _ content: () -> Markup
  ) {
    (self.width, self.height, self.label, self.minimumWidth) = (width, height, label, minimumWidth)
    self.content = content()
  }

  /// The drawing within a page, which has the style sheet.
  var inline: Markup {
    let style = minimumWidth.map { "min-width:\(Shapes.number($0))px;max-width:\(Shapes.number(width))px" }
    return drawing(style: style) { content }
  }

  /// The drawing as an SVG file that needs nothing else.
  var file: String {
    drawing(style: "font-family:sans-serif;background:#fff") {
      Stylesheet.figures
      content
    }.source + "\n"
  }

  private func drawing(style: String?, @MarkupBuilder _ content: () -> Markup) -> Markup {
    tag(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": "0 0 \(Shapes.number(width)) \(Shapes.number(height))",
        "role": "img", "aria-label": label, "style": style,
      ], content)
  }
}
