import Reporting

extension StudyView {
  /// The late sites: how long they have been late, and when the study continues without them.
  @MarkupBuilder var late: Markup {
    let late = study.waiting.filter { $0.lateSince != nil }
    if !late.isEmpty {
      tag("div", ["class": "status partial"]) {
        tag("h2", ["class": "plain"]) { "Late" }
        tag("ul") {
          for site in late { tag("li") { site.sentence(now: now, title: study.title(of: site.site)) } }
        }
      }
    }
  }

  @MarkupBuilder var waiting: Markup {
    if !study.waiting.isEmpty {
      Parts.section("Sites that have not answered", id: "waiting") {
        HTMLPage.table(
          head: [.text("Site"), .text("For"), .text("Since"), .text("Late"), .text("Until")],
          caption: "Work that is still outstanding"
        ) {
          for site in study.waiting { row(site) }
        }
      }
    }
  }

  private func row(_ site: WaitingSite) -> Markup {
    tag("tr") {
      Parts.site(site.site, study.agreement.first { $0.site == site.site }?.title)
      Parts.cell {
        site.work
        if site.isConnected == false { tag("span", ["class": "under"]) { "not connected" } }
      }
      Parts.cell {
        TimeText.markup(site.since)
        tag("span", ["class": "under"]) { TimeText.distance(to: site.since, from: now) }
      }
      Parts.cell {
        if let late = site.lateSince {
          Sign(shape: "!", word: "Late", tone: .warning).markup
          tag("span", ["class": "under"]) { "since \(TimeText.clock(late, beside: site.since)) UTC" }
        } else {
          "not yet"
        }
      }
      Parts.cell {
        if let drop = site.dropsAt {
          TimeText.markup(drop)
          tag("span", ["class": "under"]) { "then dropped, \(TimeText.distance(to: drop, from: now))" }
        } else {
          site.isRequired ? "indefinitely (required)" : "indefinitely"
        }
      }
    }
  }
}
