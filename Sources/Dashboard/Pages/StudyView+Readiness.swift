import Reporting

extension StudyView {
  @MarkupBuilder var readiness: Markup {
    if !study.readiness.isEmpty {
      Parts.section("Readiness of the sites", id: "rehearsal") {
        HTMLPage.table(
          head: [.text("Site")] + checkNames.map { .text($0) } + [.number("Time per round")],
          caption: "Rehearsal results by site"
        ) {
          for line in study.readiness { row(line) }
        }
      }
    }
  }

  /// All names of checks, in order of first occurrence.
  private var checkNames: [String] {
    var seen: Set<String> = []
    return study.readiness.flatMap(\.checks).map(\.name).filter { seen.insert($0).inserted }
  }

  private func row(_ line: ReadinessLine) -> Markup {
    tag("tr") {
      Parts.site(line.site, line.title)
      for name in checkNames {
        Parts.cell {
          if let check = line.checks.first(where: { $0.name == name }) {
            check.verdict.sign(check.finding).markup
          } else {
            "not yet"
          }
        }
      }
      HTMLPage.numberCell(line.roundForecast.map(TimeText.rough) ?? "–")
    }
  }
}
