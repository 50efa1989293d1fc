/// A plot of estimates with their intervals. Each estimate has one line, with its numbers next to the
/// drawing. The lines are arranged in groups, each with a title.
struct ForestPlot {
  struct Row {
    var label: String
    var style: SeriesStyle
    var estimate: SummaryEstimate
  }

  struct Group {
    var title: String
    var note: String = ""
    var rows: [Row]
  }

  /// The smallest domain with round ends that contains the values and intervals of all groups.
  static func domain(of groups: [Group], and others: [Double] = [], within limits: ClosedRange<Double>? = nil)
    -> ClosedRange<Double>
  {
    let ends = groups.flatMap(\.rows).flatMap { [$0.estimate.value, $0.estimate.low, $0.estimate.high] }
    return LinearScale.niceDomain(of: ends.compactMap(\.self) + others, within: limits)
  }

  var groups: [Group]
  var axisTitle: String
  var domain: ClosedRange<Double>
  /// The value at which a reference line is drawn, such as 0 for no gain; `nil` for no line.
  var reference: Double?
  var text: (SummaryEstimate) -> String
  /// Formats the tick labels, for example as percentages.
  var tickText: ((Double) -> String)?

  private static let plotWidth = 350.0
  private static let widestLabel = 330.0
  private static let rowHeight = 20.0
  private static let headHeight = 24.0

  func draw() -> Figure {
    let rows = groups.flatMap(\.rows)
    let labels = rows.map { TextLayout.width(of: $0.label, size: 13) }.max() ?? 0
    let numbers = rows.map { TextLayout.width(of: text($0.estimate), size: 13) }.max() ?? 0
    let left = min(Self.widestLabel, 30 + labels)
    let scale = LinearScale(domain: domain, start: left + 16, end: left + 16 + Self.plotWidth)
    let width = scale.end + 22 + numbers
    let body = groups.reduce(0) { $0 + Self.headHeight + Double($1.rows.count) * Self.rowHeight }
    return Figure(
      width: width, height: body + 46, label: "\(axisTitle): \(summary)", scrolls: true
    ) {
      grid(scale, bottom: body + 6)
      drawnGroups(scale, labelWidth: left - 12, width: width)
    }
  }

  private var summary: String {
    groups.flatMap { group in group.rows.map { "\(group.title), \($0.label) \(text($0.estimate))" } }
      .joined(separator: "; ")
  }

  @MarkupBuilder private func grid(_ scale: LinearScale, bottom: Double) -> Markup {
    let ticks = Ticks(domain, count: 5)
    for value in ticks.values {
      Shapes.line(scale(value), 4, scale(value), bottom, class: "grid")
      Shapes.text(
        tickText?(value) ?? ticks.text(value), x: scale(value), y: bottom + 16, anchor: .middle, class: "tick"
      )
    }
    if let reference, domain.contains(reference) {
      Shapes.line(scale(reference), 4, scale(reference), bottom, class: "reference")
    }
    Shapes.line(scale.start, bottom, scale.end, bottom, class: "axis")
    Shapes.text(axisTitle, x: (scale.start + scale.end) / 2, y: bottom + 34, anchor: .middle, class: "tick")
  }

  private func drawnGroups(_ scale: LinearScale, labelWidth: Double, width: Double) -> [Markup] {
    var top = 0.0
    return groups.map { group in
      defer { top += Self.headHeight + Double(group.rows.count) * Self.rowHeight }
      return tag("g") {
        // Give the title an edge in the colour of the paper, since grid lines may cross the title.
        let room = width - TextLayout.width(of: group.note, size: 12) - 16
        Shapes.text(
          TextLayout.fit(group.title, width: room, size: 14), x: 0, y: top + 18, class: "title halo")
        Shapes.text(group.note, x: width, y: top + 18, anchor: .end, class: "tick")
        for (index, row) in group.rows.enumerated() {
          let y = top + Self.headHeight + (Double(index) + 0.5) * Self.rowHeight
          drawn(row, scale, y: y, labelWidth: labelWidth, width: width)
        }
      }
    }
  }

  @MarkupBuilder private func drawn(
    _ row: Row, _ scale: LinearScale, y: Double, labelWidth: Double, width: Double
  ) -> Markup {
    Shapes.text(TextLayout.fit(row.label, width: labelWidth, size: 13), x: 12, y: y + 4, class: "label")
    if let low = row.estimate.low, let high = row.estimate.high {
      let whisker = SeriesStyle(colour: row.style.colour, dash: nil, shape: row.style.shape)
      let (start, end) = (clamped(low), clamped(high))
      Shapes.line(scale(start), y, scale(end), y, style: whisker)
      if start == low { Shapes.line(scale(low), y - 4, scale(low), y + 4, style: whisker) }
      if end == high { Shapes.line(scale(high), y - 4, scale(high), y + 4, style: whisker) }
    }
    Shapes.marker(row.style, x: scale(clamped(row.estimate.value)), y: y, radius: 4.2)
    Shapes.text(text(row.estimate), x: width, y: y + 4, anchor: .end, class: "label")
  }

  private func clamped(_ value: Double) -> Double { min(max(value, domain.lowerBound), domain.upperBound) }
}
