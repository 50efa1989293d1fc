import Foundation
import Reporting

/// The page of one study: what was agreed, its progress, and its results. Each section is in its own file.
struct StudyView: Page {
  let study: StudyPage
  let caller: Caller
  let seal: CSRFToken
  /// The action that the visitor has just requested.
  let done: DashboardAction.Kind?
  let now: Date

  init(_ study: StudyPage, caller: Caller, seal: CSRFToken, done: DashboardAction.Kind? = nil, now: Date) {
    self.study = study
    self.caller = caller
    self.seal = seal
    self.done = done
    self.now = now
  }

  var title: String { study.line.title }
  var topic: String? { "study " + Address.encoded(study.line.id) }

  var content: Markup {
    Parts.trail([("Overview", Address.overview)])
    tag("h1") { study.line.title }
    Parts.live("state") {
      state
      late
      facts
    }
    if let done { notice(done) }
    Parts.live("actions") { actions }
    Parts.live("waiting-sites") { waiting }
    Parts.live("live-round") { liveRound }
    Parts.live("curves") { curves }
    Parts.live("results") { results }
    Parts.live("downloads") { files }
    Parts.live("agreement") { agreement }
    Parts.live("readiness") { readiness }
    Parts.live("data") { statistics }
    Parts.live("rounds") { rounds }
    Parts.section("Protocol in plain English", id: "protocol") { Prose.markup(study.explanation) }
  }

  private var state: Markup {
    let line = study.line
    let look =
      switch line.state {
      case .finished: "finished"
      case .partial, .paused, .aborted, .failed: "partial"
      default: "notice"
      }
    return tag("div", ["class": "status \(look)"]) {
      tag("p") {
        line.state.sign.markup
        if line.round > 0, !line.state.isOver { ", \(line.round) of \(line.rounds) rounds complete" }
        if line.state.isOver { " after \(line.round) of \(line.rounds) rounds" }
      }
      tag("p") { line.note ?? line.state.explanation }
    }
  }

  private var facts: Markup {
    tag("dl", ["class": "facts"]) {
      fact("Study") { "\(study.line.id), version \(study.version)" }
      if let started = study.line.startedAt { fact("Started") { TimeText.markup(started) } }
      if let lead = study.line.lead { fact("Lead") { tag("bdi") { lead } } }
      if let ended = study.line.endedAt { fact("Ended") { TimeText.markup(ended) } }
      if let end = study.line.expectedEnd, !study.line.state.isOver {
        fact("Expected end") {
          TimeText.markup(end)
          " (\(TimeText.distance(to: end, from: now)))"
        }
      }
      fact("More") {
        if study.hasReport {
          tag("a", ["href": Address.report(study.line.id)]) { "Report" }
          ", "
        }
        tag("a", ["href": Address.audit(of: study.line.id)]) { "Audit log of this study" }
      }
      fact("Digest of the study (SHA-256)", class: "whole") { tag("code") { study.digest } }
    }
  }

  private func fact(
    _ name: String, class rows: String? = nil, @MarkupBuilder _ value: () -> Markup
  ) -> Markup {
    tag("div", ["class": rows]) {
      tag("dt") { name }
      tag("dd", [:], value)
    }
  }

  private func notice(_ kind: DashboardAction.Kind) -> Markup {
    let text =
      switch kind {
      case .pause: "The coordinator pauses the study after the current round."
      case .resume: "The coordinator resumes the study."
      case .abort: "The coordinator ends the study permanently."
      }
    return tag("div", ["class": "status notice", "role": "status"]) { tag("p") { text } }
  }
}
