/// The HTML that surrounds the content of every page, and elements that several pages use.
package enum HTMLPage {
  static func document(title: String, @MarkupBuilder _ content: () -> Markup) -> String {
    let html = tag("html", ["lang": "en"]) {
      tag("head") {
        tag("meta", ["charset": "utf-8"])
        tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
        // Figures use the colours of a light page; keep browsers from inverting them.
        tag("meta", ["name": "color-scheme", "content": "light"])
        // Forbid scripts and requests to other servers, whatever the text of a study contains.
        tag(
          "meta",
          [
            "http-equiv": "Content-Security-Policy",
            "content": "default-src 'none'; img-src data:; style-src 'unsafe-inline'",
          ])
        tag("title") { title }
        Stylesheet.page
        Stylesheet.figures
      }
      tag("body", [:], content)
    }
    return "<!DOCTYPE html>\n" + html.source + "\n"
  }

  /// The heading of a table column. A heading of numbers is right-aligned.
  package enum Column {
    case text(String)
    case number(String)

    package var title: String {
      switch self {
      case .text(let title), .number(let title): title
      }
    }
    package var alignment: String? { if case .number = self { "n" } else { nil } }
  }

  /// A hint, shown only on narrow screens, that the table continues to the right.
  private static var scrollHint: Markup {
    tag("p", ["class": "hint"]) { "Swipe sideways to see the whole table →" }
  }

  /// A table that scrolls sideways on narrow screens.
  @MarkupBuilder package static func table(
    head: [Column], caption: String? = nil, @MarkupBuilder _ rows: () -> Markup
  ) -> Markup {
    if head.count > 3 { scrollHint }
    // A scrolling region must be reachable by keyboard.
    tag(
      "div",
      ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption ?? head.first?.title]
    ) {
      tag("table") {
        if let caption { tag("caption") { tag("span") { caption } } }
        tag("thead") {
          tag("tr") {
            for column in head {
              tag("th", ["scope": "col", "class": column.alignment]) { column.title }
            }
          }
        }
        tag("tbody", [:], rows)
      }
    }
  }

  package static func row(_ head: String, class name: String? = nil, @MarkupBuilder _ cells: () -> Markup)
    -> Markup
  {
    tag("tr", ["class": name]) {
      tag("th", ["scope": "row"]) { head }
      cells()
    }
  }

  package static func numberCell(_ text: String) -> Markup { tag("td", ["class": "n"]) { text } }

  /// A cell with a value and, in smaller type below it, its interval.
  package static func estimateCell(_ estimate: SummaryEstimate?, _ text: (Double) -> String) -> Markup {
    tag("td", ["class": "n"]) {
      if let estimate {
        text(estimate.value)
        if let low = estimate.low, let high = estimate.high {
          tag("span", ["class": "ci"]) { "\(text(low)) to \(text(high))" }
        }
      } else {
        "–"
      }
    }
  }

  package static func figure(_ drawing: Figure, caption: String) -> Markup {
    tag("figure") {
      if drawing.scrolls && drawing.width > 350 { scrollHint }
      tag("div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": "Figure"]) {
        drawing.inline
      }
      tag("figcaption") { caption }
    }
  }

  /// Small drawings side by side, as many as fit on the page.
  package static func figureGrid(_ panels: [LinePanel], legend: Markup, caption: String) -> Markup {
    let isRoomy = panels.count <= 4
    return tag("figure") {
      legend
      tag("div", ["class": isRoomy ? "grid roomy" : "grid"]) {
        for panel in panels { panel.draw(width: isRoomy ? 440 : 320).inline }
      }
      tag("figcaption") { caption }
    }
  }

  package static func legend(_ entries: [(label: String, style: SeriesStyle)]) -> Markup {
    tag("p", ["class": "legend"]) {
      for entry in entries {
        tag("span") {
          tag("svg", ["viewBox": "0 0 34 14", "width": "34", "height": "14", "aria-hidden": "true"]) {
            Shapes.line(1, 7, 33, 7, style: entry.style)
            Shapes.marker(entry.style, x: 17, y: 7, radius: 3.2)
          }
          " \(entry.label)"
        }
      }
    }
  }
}
