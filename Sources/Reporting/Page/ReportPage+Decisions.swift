import FederatedCore

/// The section about a classifier's decisions: ROC curves, operating points and confusion matrices.
extension ReportPage {
  var decisions: Markup? {
    guard let focus = focusArm else { return nil }
    let parts = [rocCurves(focus), operatingPoints(focus), confusionMatrices(focus)].compactMap(\.self)
    guard !parts.isEmpty else { return nil }
    return section("Decisions of the model", id: "decisions") { parts }
  }

  private func curve(_ arm: ArmResults, _ site: SiteID, _ classIndex: Int) -> ROCSummary? {
    evaluation(arm: arm, site: site)?.details?.curves.first { $0.classIndex == classIndex }.flatMap(
      ROCSummary.init)
  }

  /// The classes for which curves are drawn: all classes, or only the second class if there are two.
  private var curvedClasses: [Int] {
    results.study.classNames.count > 2 ? Array(results.study.classNames.indices) : [1]
  }

  private func className(_ index: Int) -> String {
    results.study.classNames.indices.contains(index) ? results.study.classNames[index] : "class \(index)"
  }

  // MARK: ROC

  private func rocCurves(_ focus: ArmResults) -> Markup? {
    let isBinary = curvedClasses.count == 1
    let panels = matrix.sites.compactMap { site in
      rocPanel(site, isBinary ? armSeries(site) : classSeries(focus, site))
    }
    guard !panels.isEmpty else { return nil }
    let legend =
      isBinary
      ? testedArms.map { ($0.title, style(of: $0)) }
      : Array(zip(curvedClasses.map(className), Palette.distinct(curvedClasses.count)))
    let what =
      isBinary
      ? "Sensitivity for '\(className(1))' against the share of other \(unit.plural) wrongly classified as such, at every threshold."
      : "Each class against the others, by \(focus.title): sensitivity against the share of other \(unit.plural) wrongly assigned to the class, at every threshold."
    let fixed =
      results.isSimulation
      ? "" : " The thresholds are fixed; each site leaves out those that would reveal small numbers."
    return HTMLPage.figureGrid(
      panels, legend: HTMLPage.legend(legend),
      caption: what + fixed + " The dashed line is chance."
        + (isBinary ? " A ring marks a threshold of one half." : "") + sitesWithoutCurve(focus))
  }

  private func sitesWithoutCurve(_ arm: ArmResults) -> String {
    let without = matrix.sites.filter { site in
      curvedClasses.allSatisfy { curve(arm, site, $0) == nil } && evaluation(arm: arm, site: site) != nil
    }
    return without.isEmpty
      ? ""
      : " There is no curve for \(Prose.list(without.map { title(of: $0) })): its test \(unit.plural) are all of one class, or its policy withholds the counts."
  }

  private func rocPanel(_ site: SiteID, _ series: [LinePanel.Series]) -> LinePanel? {
    guard series.contains(where: { !$0.points.isEmpty }) else { return nil }
    return LinePanel(
      title: title(of: site), series: series, xTitle: "1 − specificity", yTitle: "Sensitivity",
      xDomain: 0...1, yDomain: 0...1, showsDiagonal: true, hasMarkers: false)
  }

  private func armSeries(_ site: SiteID) -> [LinePanel.Series] {
    testedArms.compactMap { arm in
      guard let curve = curve(arm, site, 1) else { return nil }
      var series = LinePanel.Series(label: arm.title, style: style(of: arm), points: curve.line)
      series.ringedPoint = curve.point(atOrAbove: 0.5).map {
        (x: curve.falsePositiveRate($0), y: curve.sensitivity($0))
      }
      return series
    }
  }

  private func classSeries(_ arm: ArmResults, _ site: SiteID) -> [LinePanel.Series] {
    zip(curvedClasses, Palette.distinct(curvedClasses.count)).map { index, style in
      LinePanel.Series(label: className(index), style: style, points: curve(arm, site, index)?.line ?? [])
    }
  }

  // MARK: Operating points

  private func operatingPoints(_ focus: ArmResults) -> Markup? {
    guard curvedClasses.count == 1 else { return nil }
    let rows = matrix.sites.compactMap { site in
      operatingRow(title(of: site), evaluation(arm: focus, site: site)?.details)
    }
    guard !rows.isEmpty else { return nil }
    let together = focus.models.first?.together?.details
    return MarkupBuilder.buildBlock(
      HTMLPage.table(
        head: [
          .text("Site"), .number("With / without"), .number("Sensitivity"), .number("Specificity"),
          .number("Positive predictive value"), .number("Negative predictive value"),
          .number("Specificity at 90\u{A0}% sensitivity"),
        ],
        caption:
          "\(focus.title): operating points for '\(className(1))', the first four at a threshold of one half"
      ) {
        rows
        if let row = operatingRow("All \(unit.plural)", together, class: "total") { row }
      },
      tag("p", ["class": "tag"]) {
        "In small type: Wilson's \(confidenceText) interval. Predictive values hold for this mix of classes. The threshold of the last column was chosen on these same \(unit.plural), so the specificity on other \(unit.plural) may be lower."
      })
  }

  private func operatingRow(_ head: String, _ details: EvaluationDetails?, class name: String? = nil)
    -> Markup?
  {
    guard let details, details.confusion.count == 4 || !details.curves.isEmpty else { return nil }
    let cells = details.confusion.count == 4 ? details.confusion : nil
    let curve = details.curves.first.flatMap(ROCSummary.init)
    func share(_ hit: Int, _ miss: Int) -> Markup {
      HTMLPage.estimateCell(
        cells.flatMap {
          CountedShare(hits: $0[hit], count: $0[hit] + $0[miss]).estimate(
            confidence: results.study.confidence)
        }
      ) { NumberText.fixed($0, digits: 2) }
    }
    let sizes = cells.map { ($0[2] + $0[3], $0[0] + $0[1]) } ?? curve.map { ($0.positives, $0.negatives) }
    return HTMLPage.row(head, class: name) {
      HTMLPage.numberCell(sizes.map { "\($0.0) / \($0.1)" } ?? "–")
      // The rows of the matrix are true classes, the columns predicted classes. Index 0 is true negatives, 1
      // false positives, 2 false negatives and 3 true positives.
      share(3, 2)
      share(0, 1)
      share(3, 1)
      share(0, 2)
      HTMLPage.estimateCell(
        curve.flatMap { curve in
          curve.point(sensitivityAtLeast: 0.9).flatMap {
            CountedShare(hits: curve.negatives - $0.falsePositives, count: curve.negatives)
              .estimate(confidence: results.study.confidence)
          }
        }
      ) { NumberText.fixed($0, digits: 2) }
    }
  }

  // MARK: Confusion matrix

  private func confusionMatrices(_ focus: ArmResults) -> Markup? {
    let classes = results.study.classNames
    let matrices = matrix.sites.compactMap { site -> (site: SiteID, cells: [Int])? in
      guard let cells = evaluation(arm: focus, site: site)?.details?.confusion, !classes.isEmpty,
        cells.count == classes.count * classes.count
      else { return nil }
      return (site, cells)
    }
    guard let first = matrices.first else { return nil }
    let sum = matrices.dropFirst().reduce(first.cells) { sum, one in zip(sum, one.cells).map { $0 + $1 } }
    let isAll = matrices.count > 1 && matrices.count == matrix.sites.count
    let names = isAll ? "all sites" : Prose.list(matrices.map { title(of: $0.site) })
    let whole = confusionTable(
      sum,
      caption:
        "\(focus.title): true and predicted classes, \(matrices.count == 1 ? names : "sum of \(names)")"
    )
    guard (2...6).contains(matrices.count) else { return whole }
    return MarkupBuilder.buildBlock(
      whole,
      tag("div", ["class": "tables"]) {
        for one in matrices { tag("div") { confusionTable(one.cells, caption: title(of: one.site)) } }
      })
  }

  private func confusionTable(_ cells: [Int], caption: String) -> Markup {
    let classes = results.study.classNames
    return HTMLPage.table(
      head: [.text("True class")] + classes.map { .number("Predicted: \($0)") }, caption: caption
    ) {
      for row in classes.indices {
        let counts = Array(cells[(row * classes.count)..<((row + 1) * classes.count)])
        let total = counts.reduce(0, +)
        HTMLPage.row(classes[row]) {
          for (column, count) in counts.enumerated() {
            tag("td", ["class": column == row ? "n right" : "n"]) {
              NumberText.grouped(count)
              if total > 0 {
                tag("span", ["class": "ci"]) {
                  NumberText.fixed(100 * Double(count) / Double(total), digits: 0) + "\u{A0}%"
                }
              }
            }
          }
        }
      }
    }
  }
}
