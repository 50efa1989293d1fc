import FederatedCore

/// The histograms of one item over a common axis: one row for each site, and one row for all sites together.
struct HistogramFigure {
  struct Row {
    var label: String
    /// The share of patients, or of pixels, in each of the equal parts of the range.
    var shares: [Double]
    var isPooled: Bool
  }

  let title: String
  let rows: [Row]
  let range: StatisticsRange
  let unit: String?

  private static let (left, plot, height, gap) = (150.0, 380.0, 30.0, 8.0)

  func draw() -> Figure {
    let bottom = Double(rows.count) * (Self.height + Self.gap)
    return Figure(
      width: Self.left + Self.plot + 20, height: bottom + 24, label: "Histograms of \(title), by site",
      scrolls: true
    ) {
      for (number, row) in rows.enumerated() {
        let base = Double(number) * (Self.height + Self.gap) + Self.height
        Shapes.text(
          row.label, x: Self.left - 10, y: base - 2, anchor: .end, class: row.isPooled ? "title" : nil)
        bars(row, base)
        Shapes.line(Self.left, base, Self.left + Self.plot, base, class: "axis")
      }
      Shapes.text(text(range.low), x: Self.left, y: bottom + 14, class: "tick")
      Shapes.text(
        text(range.high) + (unit.map { " " + $0 } ?? ""), x: Self.left + Self.plot, y: bottom + 14,
        anchor: .end,
        class: "tick")
    }
  }

  private func bars(_ row: Row, _ base: Double) -> [Markup] {
    let most = row.shares.max() ?? 0
    guard most > 0 else { return [] }
    let width = Self.plot / Double(row.shares.count)
    return row.shares.enumerated().compactMap { part, share in
      guard share > 0 else { return nil }
      let height = Self.height * share / most
      return tag(
        "rect",
        [
          "x": Shapes.number(Self.left + Double(part) * width), "y": Shapes.number(base - height),
          "width": Shapes.number(width - 0.6), "height": Shapes.number(height),
          "fill": row.isPooled ? Palette.pooled.colour : Palette.local.colour,
        ])
    }
  }

  private func text(_ edge: Double) -> String { StatisticsNumber.text(edge, spread: range.high - range.low) }
}
