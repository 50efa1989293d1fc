import FederatedCore

/// Formats the results as plain text for a terminal: models by sites, the mean with its interval, the two
/// gains, and the margin over the best single site.
public enum ResultsText {
  /// - Parameters:
  ///   - metric: The name of the metric; by default, the study's first.
  ///   - width: The maximum length of a line, in characters. If the sites do not fit side by side, each site
  ///     gets a line.
  public static func render(_ results: StudyResults, metric: String? = nil, width: Int = 100) -> String {
    let style = MetricStyle(metric ?? results.study.metrics.first ?? "metric")
    let matrix = ResultMatrix(results, metric: style.name)
    let direction = style.higherIsBetter ? "higher is better" : "lower is better"
    var lines = ["\(style.titleWithUnit) on the sites' test \(results.study.unit.plural), \(direction)", ""]
    guard !matrix.rows.isEmpty else { return "No model was tested.\n" }
    lines += table(results, matrix, style, width)
    lines += summaries(results, matrix, style)
    lines += training(results)
    if let cautions = results.cautions, !cautions.isEmpty {
      lines += [""] + cautions.map { "caution: \(results.text(of: $0, withCodes: true))" }
    }
    if case .partial(let missing, let reason) = results.status {
      lines += [
        "", "PARTIAL RESULT: \(Prose.list(missing.map { results.titleWithCode(of: $0) })) missing: \(reason)",
      ]
    }
    return lines.map(\.onOneLine).joined(separator: "\n") + "\n"
  }

  /// The lines that state, for each shared model, its amount of training and the round that it is from.
  private static func training(_ results: StudyResults) -> [String] {
    let lines = results.arms.filter { ![.local, .ensemble].contains($0.kind) }.compactMap { arm -> String? in
      guard arm.stepsInSequence != nil, let model = arm.models.first else { return nil }
      let choice = model.choice.map { "; " + $0.sentence(results.study.unit) } ?? ""
      return "\(padded(clipped(arm.name, 24), 12))  trained for \(arm.effort)\(choice)"
    }
    return lines.isEmpty ? [] : [""] + lines
  }

  private static func table(
    _ results: StudyResults, _ matrix: ResultMatrix, _ style: MetricStyle, _ width: Int
  )
    -> [String]
  {
    let meanTitle = "mean (\(NumberText.fixed(100 * results.study.confidence, digits: 0)) % interval)"
    let together = matrix.hasTogether ? ["all "] : []
    let whole = TextGrid(
      corner: "model", columns: matrix.sites.map { clipped($0.rawValue, 12) + " " } + together + [meanTitle],
      rows: matrix.rows.map { row in
        let cells = matrix.sites.map { site in
          guard let estimate = matrix[row, site] else { return "– " }
          return style.text(estimate.value) + (row.site == site ? "*" : " ")
        }
        let all = together.map { _ in (matrix.together(row).map { style.text($0.value) } ?? "–") + " " }
        return (clipped(row.label, 24), cells + all + [matrix.mean(of: row).map { style.text($0) } ?? "–"])
      })
    if whole.width <= width {
      let hasLocal = matrix.rows.contains { $0.site != nil }
      let notes =
        (hasLocal ? ["* the site's own model on its own \(results.study.unit.plural)"] : [])
        + note(on: matrix, results.study.unit)
      return whole.lines + (notes.isEmpty ? [] : [""] + notes)
    }
    return bySite(results, matrix, style, width)
  }

  /// A table with a line per site and a column per arm, for more sites than fit on a line.
  private static func bySite(
    _ results: StudyResults, _ matrix: ResultMatrix, _ style: MetricStyle, _ width: Int
  ) -> [String] {
    let arms = results.arms
    let rows = matrix.sites.map { site in
      (
        clipped(site.rawValue, 24),
        arms.map { matrix.estimate(arm: $0.name, site: site).map { style.text($0.value) } ?? "–" }
      )
    }
    let means = ("mean", arms.map { matrix.mean(ofArm: $0.name).map { style.text($0.value) } ?? "–" })
    let together = (
      "all", arms.map { matrix.together(ofArm: $0.name).map { style.text($0.value) } ?? "–" }
    )
    let grid = TextGrid(
      corner: "site", columns: arms.map { clipped($0.name, 14) },
      rows: rows + (matrix.hasTogether ? [together] : []) + [means])
    let hasLocal = arms.contains { $0.kind == .local }
    let notes = (hasLocal ? ["local: the site's own model"] : []) + note(on: matrix, results.study.unit)
    return grid.fitted(to: width).flatMap { $0.lines + [""] }.dropLast() + (notes.isEmpty ? [] : [""] + notes)
  }

  private static func note(on matrix: ResultMatrix, _ unit: UnitOfAnalysis) -> [String] {
    matrix.hasTogether
      ? ["all: all sites' test \(unit.plural) as one group; mean: average over sites"] : []
  }

  private static func summaries(_ results: StudyResults, _ matrix: ResultMatrix, _ style: MetricStyle)
    -> [String]
  {
    let arms = results.arms.filter { $0.kind != .local }
    let lines = arms.flatMap { arm -> [String] in
      let gains = [
        matrix.gainOverLocal(of: arm.name).map { ("over local training", $0) },
        matrix.generalisabilityGain(of: arm.name).map { ("in generalisability", $0) },
      ].compactMap(\.self)
      let name = padded(clipped(arm.name, 24), 12)
      let lead = matrix.lead(of: arm.name).map {
        "\(name)  \(padded("margin over \(clipped($0.site.rawValue, 15))", 25)) \(style.differenceText($0.difference))"
          + ", best single site\($0.isTogether ? ", all \(results.study.unit.plural)" : "")"
      }
      return gains.map { meaning, gain in
        "\(name)  gain \(padded(meaning, 20)) \(style.differenceText(gain))"
      } + [lead].compactMap(\.self)
    }
    guard !lines.isEmpty else { return [] }
    return [""] + lines + [
      "",
      "gains and margins: differences in \(style.differenceUnitExplained) on the same \(results.study.unit.plural), positive is better",
    ]
  }

  static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  static func clipped(_ text: String, _ width: Int) -> String {
    text.count <= width ? text : text.prefix(width - 1) + "…"
  }
}
