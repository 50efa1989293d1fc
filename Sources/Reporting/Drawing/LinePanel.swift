/// A small line chart, such as a site's learning curves or reliability curves.
package struct LinePanel {
  package struct Series {
    var label: String
    var style: SeriesStyle
    var points: [(x: Double, y: Double)]
    /// The x value of the point to mark with a ring.
    var ringed: Double?
    /// A place in the panel to mark with a ring; it need not be on the curve.
    var ringedPoint: (x: Double, y: Double)?
    /// The numbers to write at the points; empty for none. Each number also determines the size of its
    /// point's marker.
    var counts: [Int] = []

    package init(
      label: String, style: SeriesStyle, points: [(x: Double, y: Double)], ringed: Double? = nil
    ) {
      self.label = label
      self.style = style
      self.points = points
      self.ringed = ringed
    }
  }

  var title: String
  var series: [Series]
  var xTitle: String
  var yTitle: String
  /// The domain of the x axis, shared by the panels of a figure so that they can be compared.
  var xDomain: ClosedRange<Double>
  var yDomain: ClosedRange<Double>
  var wholeNumbers = false
  /// Whether to draw the line of perfect calibration.
  var showsDiagonal = false
  var hasMarkers = true

  package init(
    title: String, series: [Series], xTitle: String, yTitle: String, xDomain: ClosedRange<Double>,
    yDomain: ClosedRange<Double>, wholeNumbers: Bool = false, showsDiagonal: Bool = false,
    hasMarkers: Bool = true
  ) {
    self.title = title
    self.series = series
    self.xTitle = xTitle
    self.yTitle = yTitle
    self.xDomain = xDomain
    self.yDomain = yDomain
    self.wholeNumbers = wholeNumbers
    self.showsDiagonal = showsDiagonal
    self.hasMarkers = hasMarkers
  }

  private static let labelSize = 12.0

  package func draw(width: Double) -> Figure {
    let labels = directLabels
    let right =
      labels.isEmpty ? 14 : 20 + (labels.map { TextLayout.width(of: $0, size: Self.labelSize) }.max() ?? 0)
    let height = showsDiagonal ? width - 38 : 80 + width * 0.43
    let x = LinearScale(domain: xDomain, start: 46, end: width - right)
    let y = LinearScale(domain: yDomain, start: height - 38, end: 26)
    return Figure(width: width, height: height, label: description) {
      Shapes.text(TextLayout.fit(title, width: width - 20, size: 14), x: 8, y: 14, class: "title")
      axes(x, y)
      if showsDiagonal {
        Shapes.line(
          x(xDomain.lowerBound), y(yDomain.lowerBound), x(xDomain.upperBound), y(yDomain.upperBound),
          class: "reference")
      }
      for one in series { curve(one, x, y) }
      for one in series { counts(of: one, x, y) }
      endLabels(labels, x, y)
    }
  }

  /// The labels at the ends of the lines. Empty if they would not fit; the figure's legend then identifies
  /// the lines.
  private var directLabels: [String] {
    let labels = drawn.map(\.label)
    let fit = labels.allSatisfy { TextLayout.width(of: $0, size: Self.labelSize) <= 72 }
    return fit && labels.count <= 5 && !showsDiagonal ? labels : []
  }

  private var drawn: [Series] { series.filter { !$0.points.isEmpty } }

  private var description: String {
    "\(title): \(yTitle) by \(xTitle) for \(series.map(\.label).joined(separator: ", "))"
  }

  @MarkupBuilder private func axes(_ x: LinearScale, _ y: LinearScale) -> Markup {
    let yTicks = Ticks(yDomain, count: 5)
    let xTicks = Ticks(xDomain, count: 5, wholeNumbers: wholeNumbers)
    for value in yTicks.values {
      Shapes.line(x.start, y(value), x.end, y(value), class: "grid")
      Shapes.text(yTicks.text(value), x: x.start - 6, y: y(value) + 4, anchor: .end, class: "tick")
    }
    for value in xTicks.values {
      Shapes.line(x(value), y.start, x(value), y.start + 4, class: "axis")
      Shapes.text(xTicks.text(value), x: x(value), y: y.start + 16, anchor: .middle, class: "tick")
    }
    Shapes.line(x.start, y.start, x.end, y.start, class: "axis")
    Shapes.text(xTitle, x: (x.start + x.end) / 2, y: y.start + 33, anchor: .middle, class: "tick")
    Shapes.text(yTitle, x: 12, y: (y.start + y.end) / 2, anchor: .middle, class: "tick", rotation: -90)
  }

  @MarkupBuilder private func curve(_ one: Series, _ x: LinearScale, _ y: LinearScale) -> Markup {
    let points = one.points.filter { $0.x.isFinite && $0.y.isFinite }.map {
      // A value beyond an axis, such as a high loss in the first rounds, is drawn at the end of the axis.
      (x: $0.x, place: (x: x.clamped($0.x), y: y.clamped($0.y)))
    }
    if points.count > 1 { Shapes.polyline(points.map(\.place), style: one.style) }
    // On long curves, draw markers only at some points, so that they stay apart.
    let every = max(1, points.count / 10)
    for index in points.indices where hasMarkers && (index % every == 0 || index == points.count - 1) {
      Shapes.marker(one.style, x: points[index].place.x, y: points[index].place.y, radius: 2.6)
    }
    if let ring = one.ringedPoint {
      Shapes.ring(x: x.clamped(ring.x), y: y.clamped(ring.y), radius: 5)
    }
    for point in points where point.x == one.ringed {
      Shapes.ring(x: point.place.x, y: point.place.y, radius: 6)
    }
  }

  /// Draws the numbers on top of all curves: above their points or, near the upper edge, below them.
  @MarkupBuilder private func counts(of one: Series, _ x: LinearScale, _ y: LinearScale) -> Markup {
    for (point, count) in zip(one.points, one.counts) where point.x.isFinite && point.y.isFinite {
      let place = y.clamped(point.y)
      Shapes.text(
        String(count), x: x.clamped(point.x), y: place > y.end + 18 ? place - 8 : place + 18, anchor: .middle,
        class: "count halo")
    }
  }

  @MarkupBuilder private func endLabels(_ labels: [String], _ x: LinearScale, _ y: LinearScale) -> Markup {
    let ends = drawn.map { y.clamped($0.points[$0.points.count - 1].y) }
    let places = TextLayout.spread(ends.map { $0.isFinite ? $0 : y.end }, gap: 13, within: y.end...y.start)
    for (label, place) in zip(labels, places) {
      Shapes.text(label, x: x.end + 8, y: place + 4, class: "label")
    }
  }
}
