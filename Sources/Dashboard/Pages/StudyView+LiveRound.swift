import Reporting

extension StudyView {
  @MarkupBuilder var liveRound: Markup {
    if let live = study.live {
      Parts.section("Round \(live.round) of \(live.rounds), under way", id: "now") {
        tag("p", ["class": "facts"]) { summary(live) }
        HTMLPage.table(
          head: [
            .text("Site"), .text("Does"), .text("Progress"), .number("Loss"), .number("Examples/s"),
            .number("Time left"),
          ], caption: "What each site does in this round"
        ) {
          for site in live.sites { row(site) }
        }
      }
    }
  }

  private func summary(_ live: LiveRound) -> String {
    let done = live.sites.filter { $0.stage == .finished }.count
    let deadline = live.deadline.map { ", deadline \(TimeText.distance(to: $0, from: now))" } ?? ""
    return "Arm \(live.arm); began \(TimeText.distance(to: live.startedAt, from: now))\(deadline); "
      + "\(done) of \(NumberText.count(live.sites.count, "site")) done."
  }

  private func row(_ site: LiveRound.Site) -> Markup {
    tag("tr") {
      Parts.site(site.site, site.title)
      Parts.cell {
        site.stage.sign.markup
        if let note = site.note { tag("span", ["class": "under"]) { note } }
      }
      Parts.cell {
        if site.stepCount > 0 {
          Parts.progress(site.step, of: site.stepCount, label: "\(site.site): \(site.stage.sign.word)")
          tag("span", ["class": "under"]) {
            "\(NumberText.grouped(site.step)) of \(NumberText.grouped(site.stepCount))"
          }
        } else {
          "–"
        }
      }
      HTMLPage.numberCell(site.loss.map { NumberText.fixed($0, digits: 3) } ?? "–")
      HTMLPage.numberCell(site.examplesPerSecond.map { NumberText.fixed($0, digits: 1) } ?? "–")
      HTMLPage.numberCell(site.stage == .finished ? "–" : site.secondsLeft.map(TimeText.rough) ?? "–")
    }
  }
}
