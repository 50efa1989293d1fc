import FederatedCore

/// The test patients with the worst results; simulations only.
extension ReportPage {
  private static let shownCases = 8

  private struct Case {
    var site: SiteID
    var result: CaseResult
  }

  var worstCases: Markup? {
    guard results.isSimulation, let focus = focusArm else { return nil }
    let all = matrix.sites.flatMap { site in
      (evaluation(arm: focus, site: site)?.details?.cases ?? []).map { Case(site: site, result: $0) }
    }
    guard !all.isEmpty else { return nil }
    let worst = all.sorted {
      ($0.result.value, $0.site, $0.result.number) < ($1.result.value, $1.site, $1.result.number)
    }
    .prefix(Self.shownCases)
    let others = testedArms.filter { $0.name != focus.name }
    return section("Where it does worst", id: "worst") {
      tag("p") {
        results.study.task == "segmentation"
          ? "The test \(unit.plural) with the lowest Dice of \(focus.title), by a number drawn at random, which is the same in the examples below."
          : "The test \(unit.plural) to whose true class \(focus.title) gives the lowest probability, identified by random numbers."
      }
      HTMLPage.table(
        head: [.text("Site"), .number("Case"), .number(focus.title)]
          + others.map { .number(heading(of: $0)) },
        caption: results.study.task == "segmentation"
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
    }
  }

  private func value(of one: Case, by arm: ArmResults) -> String {
    let cases = evaluation(arm: arm, site: one.site)?.details?.cases ?? []
    return cases.first { $0.number == one.result.number }.map { NumberText.fixed($0.value, digits: 2) } ?? "–"
  }
}
