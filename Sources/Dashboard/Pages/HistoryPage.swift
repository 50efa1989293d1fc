import Foundation
import Reporting

/// The studies that have ended, newest first, with a form to compare two or more.
struct HistoryPage: Page {
  let studies: [StudyLine]

  init(_ overview: Overview) {
    studies = overview.studies.filter(\.state.isOver).reversed()
  }

  var title: String { "History" }
  var place: String? { Address.history }

  var content: Markup {
    tag("h1") { "History" }
    if studies.isEmpty {
      tag("p") { "No study has ended yet." }
    } else {
      tag("form", ["method": "get", "action": Address.comparison]) {
        table
        tag("p") { "Select two studies to see their results side by side; they must share a metric." }
        tag("div", ["class": "actions"]) { tag("button", ["type": "submit"]) { "Compare" } }
      }
    }
  }

  private var table: Markup {
    HTMLPage.table(
      head: [
        .text("Study"), .text("Compare"), .text("State"), .text("Lead"), .text("Started"), .text("Ended"),
        .number("Took"),
      ], caption: "Studies that have ended, newest first"
    ) {
      for study in studies { row(study) }
    }
  }

  private func row(_ study: StudyLine) -> Markup {
    tag("tr") {
      tag("th", ["scope": "row"]) {
        tag("a", ["href": Address.study(study.id)]) { study.title }
        tag("span", ["class": "under"]) { study.id }
      }
      Parts.cell {
        tag(
          "input",
          [
            "type": "checkbox", "name": "study", "value": study.id, "id": "compare-\(study.id)",
            "class": "choice",
          ])
        tag("label", ["for": "compare-\(study.id)", "class": "hidden"]) { "Compare \(study.title)" }
      }
      Parts.cell {
        study.state.sign.markup
        tag("span", ["class": "under"]) { "\(study.round) of \(study.rounds) rounds" }
      }
      Parts.cell { tag("bdi") { study.lead ?? "–" } }
      Parts.cell { TimeText.markup(study.startedAt) }
      Parts.cell { TimeText.markup(study.endedAt) }
      HTMLPage.numberCell(Self.length(study))
    }
  }

  private static func length(_ study: StudyLine) -> String {
    guard let start = study.startedAt, let end = study.endedAt else { return "–" }
    return NumberText.duration(max(0, end.timeIntervalSince(start)))
  }
}
