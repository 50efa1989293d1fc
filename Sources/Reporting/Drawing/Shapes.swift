/// The SVG shapes from which the figures are made.
enum Shapes {
  /// The limit for coordinates, which is beyond everything that is drawn.
  private static let farthest = 1e7

  /// A coordinate as text, with at most two decimals. NaN becomes 0, and distant coordinates are limited: an
  /// invalid number then distorts one shape, not the whole drawing.
  static func number(_ value: Double) -> String {
    let place = value.isNaN ? 0 : min(max(value, -farthest), farthest)
    let hundredths = Int((place * 100).rounded())
    let (whole, rest) = (abs(hundredths) / 100, abs(hundredths) % 100)
    let fraction = rest == 0 ? "" : rest % 10 == 0 ? ".\(rest / 10)" : rest < 10 ? ".0\(rest)" : ".\(rest)"
    return (hundredths < 0 ? "-" : "") + String(whole) + fraction
  }

  enum Anchor: String { case start, middle, end }

  static func text(
    _ string: String, x: Double, y: Double, anchor: Anchor = .start, class name: String? = nil,
    rotation: Double? = nil
  ) -> Markup {
    let turn = rotation.map { "rotate(\(number($0)) \(number(x)) \(number(y)))" }
    return tag(
      "text",
      [
        "x": number(x), "y": number(y), "text-anchor": anchor == .start ? nil : anchor.rawValue,
        "class": name, "transform": turn,
      ]
    ) { string }
  }

  static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, class name: String) -> Markup {
    tag("line", ["x1": number(x1), "y1": number(y1), "x2": number(x2), "y2": number(y2), "class": name])
  }

  static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, style: SeriesStyle) -> Markup {
    polyline([(x1, y1), (x2, y2)], style: style)
  }

  static func polyline(_ points: [(x: Double, y: Double)], style: SeriesStyle) -> Markup {
    let path = points.map { "\(number($0.x)) \(number($0.y))" }.joined(separator: "L")
    return tag(
      "path",
      [
        "d": "M" + path, "fill": "none", "stroke": style.colour, "stroke-width": "1.75",
        "stroke-dasharray": style.dash, "stroke-linejoin": "round",
      ])
  }

  static func marker(_ style: SeriesStyle, x: Double, y: Double, radius r: Double = 3.5) -> Markup {
    func at(_ dx: Double, _ dy: Double) -> String { "\(number(x + dx * r)) \(number(y + dy * r))" }
    let outline =
      switch style.shape {
      case .circle:
        "M\(at(-1, 0))A\(number(r)) \(number(r)) 0 1 1 \(at(1, 0))A\(number(r)) \(number(r)) 0 1 1 \(at(-1, 0))Z"
      case .square: "M\(at(-0.9, -0.9))L\(at(0.9, -0.9))L\(at(0.9, 0.9))L\(at(-0.9, 0.9))Z"
      case .diamond: "M\(at(0, -1.3))L\(at(1.3, 0))L\(at(0, 1.3))L\(at(-1.3, 0))Z"
      case .triangle: "M\(at(0, -1.2))L\(at(1.2, 0.9))L\(at(-1.2, 0.9))Z"
      case .inverted: "M\(at(0, 1.2))L\(at(1.2, -0.9))L\(at(-1.2, -0.9))Z"
      case .cross: "M\(at(-1, -1))L\(at(1, 1))M\(at(-1, 1))L\(at(1, -1))"
      case .plus: "M\(at(-1.2, 0))L\(at(1.2, 0))M\(at(0, -1.2))L\(at(0, 1.2))"
      case .bar: "M\(at(0, -1.4))L\(at(0, 1.4))"
      }
    return tag("path", ["d": outline, "fill": style.colour, "stroke": style.colour, "stroke-width": "1.5"])
  }

  /// A ring that highlights a marker.
  static func ring(x: Double, y: Double, radius: Double) -> Markup {
    tag("circle", ["cx": number(x), "cy": number(y), "r": number(radius), "class": "ring"])
  }
}
