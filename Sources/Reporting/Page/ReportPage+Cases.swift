import FederatedCore

/// The section with the test patients that have the worst results. Only the reports of simulations have this
/// section.
extension ReportPage {
  /// The worst results of the arm on which the page focuses.
  var worstResults: [WorstCase] {
    guard results.isSimulation, let focus = focusArm else { return [] }
    return WorstCase.all(
      of: matrix.sites.compactMap { site in
        evaluation(arm: focus, site: site).map { SiteResult(site: site, evaluation: $0) }
      })
  }

  var worstCases: Markup? {
    let worst = worstResults
    guard let focus = focusArm, !worst.isEmpty else { return nil }
    let others = testedArms.filter { $0.name != focus.name }
    return section("The worst results", id: "worst") {
      tag("p") {
        isSegmentation
          ? "The test \(unit.plural) with the lowest Dice of \(focus.title), identified by random numbers\(results.panels.isEmpty ? "" : ", which are the same in the examples below")."
          : "The test \(unit.plural) to whose true class \(focus.title) gives the lowest probability, identified by random numbers."
      }
      HTMLPage.table(
        head: [.text("Site"), .number("Case"), .number(focus.title)]
          + others.map { .number(heading(of: $0)) },
        caption: isSegmentation
          ? "Dice of single \(unit.plural)" : "Probability of the true class"
      ) {
        for one in worst {
          HTMLPage.row(title(of: one.site)) {
            HTMLPage.numberCell(String(one.result.number))
            HTMLPage.numberCell(NumberText.fixed(one.result.value, digits: 2))
            for arm in others { HTMLPage.numberCell(value(of: one, by: arm)) }
          }
        }
      }
      pictures(of: worst)
    }
  }

  /// The images of the worst cases, in order. Only images that the caller supplied are shown.
  @MarkupBuilder private func pictures(of worst: [WorstCase]) -> Markup {
    let drawn = worst.compactMap { one in
      results.panels.first { $0.site == one.site && $0.worstCase == one.result.number }.map { (one, $0) }
    }
    if !drawn.isEmpty {
      classLegend
      tag("div", ["class": "panels"]) {
        for (one, panel) in drawn {
          let quantity =
            isSegmentation ? "Dice of the \(unit.singular)" : "probability of the true class"
          picture(
            panel,
            caption:
              "\(title(of: one.site)), \(quantity) \(NumberText.fixed(one.result.value, digits: 2)). \(panel.caption)"
          )
        }
      }
    }
  }

  private func value(of one: WorstCase, by arm: ArmResults) -> String {
    let cases = evaluation(arm: arm, site: one.site)?.details?.cases ?? []
    return cases.first { $0.number == one.result.number }.map { NumberText.fixed($0.value, digits: 2) } ?? "–"
  }
}
