/// Numbers of statistics as text, with enough digits to show their spread and no more.
enum StatisticsNumber {
  /// The number of decimals that are needed to show a twentieth of `spread`.
  static func digits(for spread: Double) -> Int {
    guard spread > 0, spread.isFinite else { return 0 }
    var digits = 0
    var unit = spread / 20
    while unit < 1, digits < 5 {
      unit *= 10
      digits += 1
    }
    return digits
  }

  /// The number of decimals in the rows of a table. It depends on the smallest spread or, if no spread is
  /// known, on the largest mean.
  static func digits(for figures: [StudyStatistics.Figures]) -> Int {
    let spreads = figures.compactMap { figures -> Double? in
      if let deviation = figures.standardDeviation, deviation > 0 { return deviation }
      guard let low = figures.quantiles.first, let high = figures.quantiles.last else { return nil }
      return high.value > low.value ? (high.value - low.value) / 3 : nil
    }
    return digits(for: spreads.min() ?? figures.compactMap { $0.mean.map(abs) }.max() ?? 0)
  }

  /// The end of a range as text, with enough decimals to show a tenth of the range's width.
  static func text(_ edge: Double, spread: Double) -> String {
    NumberText.fixed(edge, digits: digits(for: 2 * spread))
  }

  /// A count as text: `12`, or `2–9` if only the limits are known.
  static func text(_ count: StudyStatistics.CountRange) -> String {
    let ends = [count.low, count.high].map(NumberText.grouped)
    return count.isKnown ? ends[0] : ends.joined(separator: "–")
  }

  /// A share in per cent: `12`, `2–9` if only limits are known, or `joined` if nothing is known.
  static func share(_ count: StudyStatistics.CountRange, of patients: Int) -> String {
    guard patients > 0, count.low > 0 || count.high < patients else { return "joined" }
    let ends = [count.low, count.high].map {
      NumberText.fixed(100 * Double($0) / Double(patients), digits: 0)
    }
    return count.isKnown || ends[0] == ends[1] ? ends[0] : ends.joined(separator: "–")
  }
}

extension StudyStatistics.Item {
  /// A row of the table of classes.
  struct ClassRow {
    var label: String
    /// The index of the class; `nil` for the row of the patients without a value.
    var index: Int?

    func count(_ figures: StudyStatistics.Figures) -> StudyStatistics.CountRange {
      guard let index else { return figures.missing }
      return figures.classes.indices.contains(index) ? figures.classes[index] : .init(0, figures.patients)
    }
  }

  /// The rows of the table: one for each class, or only for the second class if there are two. If the item
  /// permits missing values, a row for the patients without a value follows.
  var classRows: [ClassRow] {
    let isFlag = labels.count == 2
    let shown = labels.indices.filter { !isFlag || $0 == 1 }
    let rows = shown.map { index in
      ClassRow(label: isFlag && labels[1] == "present" ? title : "\(title): \(labels[index])", index: index)
    }
    return rows + (canLack ? [ClassRow(label: "\(title): missing", index: nil)] : [])
  }

  var heading: String { title + (unit.map { " (\($0))" } ?? "") }
}
