import FederatedCore

extension ReportPage {
  var question: Markup? {
    section("Question and protocol", id: "question") {
      Prose.markup(results.study.explanation, collapsingListsOver: Self.longestList)
    }
  }

  /// The number of items above which a list is initially collapsed.
  private static let longestList = 12

  var participants: Markup? {
    section("Participating sites", id: "participants") {
      HTMLPage.table(head: [
        .text("Site"), .number("Training"), .number("Validation"), .number("Test"),
        .number("All \(unit.plural)"),
        .number("Images or records"),
      ]) {
        for summary in results.sites { row(summary) }
        HTMLPage.row("All sites", class: "total") { counts(results.sites.flatMap(\.parts)) }
      }
      tag("p", ["class": "tag"]) {
        "Numbers of \(unit.plural). Each \(unit.singular) is in only one set: models learn from the training set, rounds are selected on the validation set, and all results below are for the test set.\(withheld)"
      }
      withheldRecords
    }
  }

  /// The parts of the results that the sites' policies withhold, one line per site and setting.
  @MarkupBuilder private var withheldRecords: Markup {
    if let records = results.withheld, !records.isEmpty {
      tag("p") { "Some sites' policies withhold parts of these results:" }
      tag("ul", ["class": "withheld"]) {
        for record in records {
          tag("li") { "Site \(record.site): \(record.message) (policy: \(record.setting))." }
        }
      }
    }
  }

  /// The explanation of a dash in the row of a participating site.
  private var withheld: String {
    let isWhole = results.sites.allSatisfy {
      isMissing($0.site) || Set($0.parts.map(\.part)).isSuperset(of: DataPart.allCases)
    }
    return isWhole
      ? "" : " A dash stands for a number so small that the site's policy withholds it; sums exclude it."
  }

  private func row(_ summary: SiteSummary) -> Markup {
    tag("tr") {
      tag("th", ["scope": "row"]) {
        summary.title.map { "\(summary.site) – \($0)" } ?? summary.site.rawValue
        if isMissing(summary.site) {
          " "
          tag("span", ["class": "warning"]) { "missing" }
        } else if !summary.isRequired {
          " "
          tag("span", ["class": "tag"]) { "optional" }
        }
      }
      counts(summary.parts)
    }
  }

  func isMissing(_ site: SiteID) -> Bool {
    guard case .partial(let missing, _) = results.status else { return false }
    return missing.contains(site)
  }

  @MarkupBuilder private func counts(_ parts: [SiteSummary.Part]) -> Markup {
    for part in [DataPart.training, .validation, .test] {
      HTMLPage.numberCell(count(parts.filter { $0.part == part }.map(\.patients)))
    }
    HTMLPage.numberCell(count(parts.map(\.patients)))
    HTMLPage.numberCell(count(parts.map(\.examples)))
  }

  private func count(_ values: [Int]) -> String {
    values.isEmpty ? "–" : NumberText.grouped(values.reduce(0, +))
  }

  var comparedArms: Markup? {
    guard !results.arms.isEmpty else { return nil }
    return section("Compared arms", id: "arms") {
      HTMLPage.table(head: [
        .text("Arm"), .text("Description"), .number("Rounds"), .number("Steps"), .number("Time"),
      ]) {
        for arm in results.arms {
          HTMLPage.row(arm.title) {
            tag("td", ["class": "wide"]) { arm.summary }
            HTMLPage.numberCell(NumberText.grouped(arm.rounds.count))
            HTMLPage.numberCell(NumberText.grouped(arm.stepCount))
            HTMLPage.numberCell(NumberText.duration(arm.seconds))
          }
        }
      }
    }
  }
}
