/// A matrix of numbers, each on a coloured background. A lighter background means a better value.
package struct HeatMap {
  package struct Row {
    var label: String
    /// Whether another kind of model begins with this row, so that a line is drawn above the row.
    var startsGroup: Bool
    /// The values by column; `nil` for a missing value.
    var values: [Double?]
    /// The column of the site that trained the model, to be outlined.
    var ownColumn: Int?

    package init(label: String, startsGroup: Bool, values: [Double?], ownColumn: Int?) {
      self.label = label
      self.startsGroup = startsGroup
      self.values = values
      self.ownColumn = ownColumn
    }
  }

  /// The titles of the columns. The last column is set apart, since it summarises the others.
  var columns: [String]
  var rows: [Row]
  var rowTitle: String
  var columnTitle: String
  var higherIsBetter: Bool
  var text: (Double) -> String
  var label: String

  package init(
    columns: [String], rows: [Row], rowTitle: String, columnTitle: String, higherIsBetter: Bool,
    text: @escaping (Double) -> String, label: String
  ) {
    self.columns = columns
    self.rows = rows
    self.rowTitle = rowTitle
    self.columnTitle = columnTitle
    self.higherIsBetter = higherIsBetter
    self.text = text
    self.label = label
  }

  private static let widestLabel = 330.0
  private static let widestHead = 190.0

  package func draw() -> Figure {
    let cell = min(84, max(40, 640 / Double(max(columns.count, 1))))
    let left = min(Self.widestLabel, 16 + (rows.map { TextLayout.width(of: $0.label, size: 13) }.max() ?? 0))
    let names = columns.map { TextLayout.fit($0, width: Self.widestHead, size: 13) }
    let longest = names.map { TextLayout.width(of: $0, size: 13) }.max() ?? 0
    let isTurned = longest > cell - 6
    let top = 30 + (isTurned ? 12 + longest * 0.77 : 16)
    let overhang = isTurned ? longest * 0.64 : 0
    let width = max(left + Double(columns.count) * cell + 8 + max(overhang, 4), left + 210)
    let height = top + Double(rows.count) * 30 + 56
    return Figure(width: width, height: height, label: label, scrolls: true) {
      Shapes.text(rowTitle, x: 0, y: top - 8, class: "tick")
      Shapes.text(columnTitle, x: left, y: 13, class: "tick")
      for (index, name) in names.enumerated() {
        let x = place(index, left, cell) + cell / 2
        Shapes.text(
          name, x: x, y: top - 8, anchor: isTurned ? .start : .middle, class: "label",
          rotation: isTurned ? -50 : nil)
      }
      for (index, row) in rows.enumerated() {
        drawn(row, y: top + Double(index) * 30, left: left, cell: cell)
      }
      legend(x: left, y: top + Double(rows.count) * 30 + 18)
    }
  }

  @MarkupBuilder private func drawn(_ row: Row, y: Double, left: Double, cell: Double) -> Markup {
    let end = place(columns.count - 1, left, cell) + cell
    if row.startsGroup { Shapes.line(0, y, end, y, class: "rule") }
    Shapes.text(TextLayout.fit(row.label, width: left - 10, size: 13), x: 0, y: y + 20, class: "label")
    for (column, value) in row.values.enumerated() {
      let x = place(column, left, cell)
      if let value, value.isFinite {
        let colour = Palette.heat(share(value))
        rectangle(x: x + 1, y: y + 1, width: cell - 2, height: 28, fill: colour.fill)
        let ink = colour.ink == "#ffffff" ? "on-dark" : "on-light"
        Shapes.text(text(value), x: x + cell / 2, y: y + 20, anchor: .middle, class: "cell \(ink)")
      } else {
        Shapes.text("–", x: x + cell / 2, y: y + 20, anchor: .middle, class: "label")
      }
      // Draw a dark frame with a light frame inside it: together they are visible on every background.
      if row.ownColumn == column {
        frame(x: x, y: y, inset: 0.5, cell: cell, class: "own dark")
        frame(x: x, y: y, inset: 2.25, cell: cell, class: "own light")
      }
    }
  }

  private func frame(x: Double, y: Double, inset: Double, cell: Double, class name: String) -> Markup {
    tag(
      "rect",
      [
        "x": Shapes.number(x + inset), "y": Shapes.number(y + inset),
        "width": Shapes.number(cell - 2 * inset), "height": Shapes.number(30 - 2 * inset), "class": name,
      ])
  }

  private func place(_ column: Int, _ left: Double, _ cell: Double) -> Double {
    left + Double(column) * cell + (column == columns.count - 1 ? 8 : 0)
  }

  @MarkupBuilder private func legend(x: Double, y: Double) -> Markup {
    let (worst, best) =
      higherIsBetter ? (range.lowerBound, range.upperBound) : (range.upperBound, range.lowerBound)
    for step in 0..<24 {
      rectangle(
        x: x + Double(step) * 6, y: y, width: 6.3, height: 10, fill: Palette.heat(Double(step) / 23).fill)
    }
    Shapes.text(text(worst), x: x, y: y + 26, class: "tick")
    Shapes.text("\(text(best)) (better)", x: x + 144, y: y + 26, anchor: .middle, class: "tick")
  }

  private func rectangle(x: Double, y: Double, width: Double, height: Double, fill: String) -> Markup {
    tag(
      "rect",
      [
        "x": Shapes.number(x), "y": Shapes.number(y), "width": Shapes.number(width),
        "height": Shapes.number(height), "fill": fill,
      ])
  }

  private var range: ClosedRange<Double> {
    let values = rows.flatMap { $0.values.compactMap(\.self) }.filter(\.isFinite)
    guard let low = values.min(), let high = values.max(), low < high else {
      return (values.first ?? 0)...((values.first ?? 0) + 1)
    }
    return low...high
  }

  private func share(_ value: Double) -> Double {
    let share = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    return higherIsBetter ? share : 1 - share
  }
}
