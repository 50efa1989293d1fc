import Foundation
import Reporting

/// The page with all studies and all sites.
struct OverviewPage: Page {
  let overview: Overview

  init(_ overview: Overview) { self.overview = overview }

  var title: String { overview.consortium }
  var place: String? { Address.overview }
  var topic: String? { "all" }

  var content: Markup {
    tag("h1") { overview.consortium }
    Parts.live("summary") {
      tag("p", ["class": "facts"]) { summary }
      attention
    }
    Parts.section("Studies", id: "studies") { Parts.live("studies-table") { studies } }
    Parts.section("Sites", id: "sites") { Parts.live("sites-table") { sites } }
  }

  private var summary: String {
    let underWay = overview.studies.filter { [.rehearsing, .running].contains($0.state) }.count
    let connected = overview.sites.filter { $0.link == .connected }.count
    return
      "\(underWay == 1 ? "1 study" : "\(underWay) studies") in progress; \(connected) of \(NumberText.count(overview.sites.count, "site")) connected at \(TimeText.text(overview.time))."
  }

  @MarkupBuilder private var attention: Markup {
    let notes = Attention(overview).notes
    if !notes.isEmpty {
      tag("div", ["class": "status partial"]) {
        tag("h2", ["class": "plain"]) { "Please look after" }
        tag("ul") { for note in notes { tag("li") { note } } }
      }
    }
  }

  @MarkupBuilder private var studies: Markup {
    if overview.studies.isEmpty {
      tag("p") { "No study has been proposed yet. A study lead proposes one with consilium study propose." }
    } else {
      HTMLPage.table(
        head: [.text("Study"), .text("State"), .text("Rounds"), .text("Expected end")],
        caption: "Studies of this consortium"
      ) {
        for study in overview.studies { row(study) }
      }
    }
  }

  private func row(_ study: StudyLine) -> Markup {
    tag("tr") {
      tag("th", ["scope": "row"]) {
        tag("a", ["href": Address.study(study.id)]) { study.title }
        tag("span", ["class": "under"]) { study.id }
      }
      Parts.cell {
        study.state.sign.markup
        if let note = study.note { tag("span", ["class": "under"]) { note } }
        if !study.late.isEmpty {
          tag("span", ["class": "under"]) {
            "late: " + Prose.list(Set(study.late.map(\.site.rawValue)).sorted())
          }
        }
      }
      Parts.cell {
        if study.round > 0 || study.state == .running {
          Parts.progress(study.round, of: study.rounds, label: "Rounds of \(study.title)")
          tag("span", ["class": "under"]) { "\(study.round) of \(study.rounds)" }
        } else {
          "\(study.rounds) planned"
        }
      }
      Parts.cell {
        if study.state.isOver { "–" } else { TimeText.markup(study.expectedEnd) }
      }
    }
  }

  @MarkupBuilder private var sites: Markup {
    if overview.sites.isEmpty {
      tag("p") { "No site has been enrolled yet." }
    } else {
      HTMLPage.table(
        head: [
          .text("Site"), .text("Link"), .text("Last seen"), .text("Version"), .text("Certificate expires"),
          .number("Clock"),
        ], caption: "Sites of this consortium"
      ) {
        for site in overview.sites { row(site) }
      }
    }
  }

  private func row(_ site: SiteLine) -> Markup {
    tag("tr") {
      Parts.site(site.site, site.title)
      Parts.cell { site.link.sign.markup }
      Parts.cell {
        if site.link == .connected {
          "now"
        } else if let seen = site.lastSeen {
          tag("time", ["datetime": seen.formatted(.iso8601)]) {
            TimeText.distance(to: seen, from: overview.time)
          }
        } else {
          "–"
        }
      }
      Parts.cell { site.version ?? "–" }
      Parts.cell { TimeText.markup(site.certificateExpires, onlyDay: true) }
      HTMLPage.numberCell(Self.skew(site.clockSkew))
    }
  }

  /// The clock skew in words: `exact`, or `1.5 s ahead`.
  private static func skew(_ seconds: Double?) -> String {
    guard let seconds, seconds.isFinite else { return "–" }
    guard abs(seconds) >= 1 else { return "exact" }
    return "\(TimeText.rough(abs(seconds))) \(seconds > 0 ? "ahead" : "behind")"
  }
}
