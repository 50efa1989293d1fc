import Reporting

extension StudyView {
  @MarkupBuilder var readiness: Markup {
    if !study.readiness.isEmpty {
      Parts.section("Are the sites ready?", id: "rehearsal") {
        HTMLPage.table(
          head: [.text("Site")] + checkNames.map { .text($0) } + [.number("A round takes")],
          caption: "What each site's rehearsal found"
        ) {
          for line in study.readiness { row(line) }
        }
      }
    }
  }

  /// All names of checks, in the order in which they first occur.
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
