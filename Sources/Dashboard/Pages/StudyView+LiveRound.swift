import Reporting

extension StudyView {
  /// Each round of several sites has its own table; the models that sites train alone share one table.
  @MarkupBuilder var liveRound: Markup {
    let alone = study.live.filter { $0.sites.count == 1 && !$0.isRehearsal }
    let together = study.live.filter { $0.sites.count > 1 || $0.isRehearsal }
    if !study.live.isEmpty {
      Parts.section("In progress", id: "now") {
        for live in together {
          tag("h3") { heading(live) }
          tag("p", ["class": "facts"]) { summary(live) }
          table(together: live)
        }
        if !alone.isEmpty {
          tag("h3") { "Models of single sites" }
          table(alone: alone)
        }
      }
    }
  }

  private func heading(_ live: LiveRound) -> String {
    if live.isRehearsal { return "Rehearsal: one step at each site" }
    return live.arm == "tests"
      ? "Final evaluation of model \(live.round) of \(live.rounds)"
      : "Round \(live.round) of \(live.rounds) of \(study.title(ofModel: live.arm))"
  }

  private func summary(_ live: LiveRound) -> String {
    let done = live.sites.filter { $0.stage == .finished }.count
    let deadline = live.deadline.map { ", deadline \(TimeText.distance(to: $0, from: now))" } ?? ""
    return "Began \(TimeText.distance(to: live.startedAt, from: now))\(deadline); "
      + "\(done) of \(NumberText.count(live.sites.count, "site")) done."
  }

  private func table(together live: LiveRound) -> Markup {
    HTMLPage.table(
      head: [.text("Site")] + Self.columns,
      caption: "Progress of each site in this \(live.isRehearsal ? "rehearsal" : "round")"
    ) {
      for site in live.sites {
        tag("tr") {
          Parts.site(site.site, site.title)
          cells(site)
        }
      }
    }
  }

  private func table(alone rounds: [LiveRound]) -> Markup {
    HTMLPage.table(
      head: [.text("Site"), .text("Round")] + Self.columns,
      caption: "Baselines that each site trains alone"
    ) {
      for live in rounds {
        for site in live.sites {
          tag("tr") {
            Parts.site(site.site, site.title)
            Parts.cell { "\(live.round) of \(live.rounds)" }
            cells(site)
          }
        }
      }
    }
  }

  private static let columns: [HTMLPage.Column] = [
    .text("Activity"), .text("Progress"), .number("Loss"), .number("Examples/s"), .number("Time left"),
  ]

  @MarkupBuilder private func cells(_ site: LiveRound.Site) -> Markup {
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
