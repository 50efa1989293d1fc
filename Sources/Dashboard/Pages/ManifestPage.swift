import Reporting

/// The signed record of one round.
struct ManifestPage: Page {
  let study: StudyPage
  let manifest: ManifestRecord
  /// The previous and the next round of the same arm.
  private let neighbours: (before: ManifestRecord?, after: ManifestRecord?)

  /// - Parameter arm: The arm; if `nil`, the first arm that has the round.
  /// - Returns: `nil` if there is no such round.
  init?(study: StudyPage, round: Int, arm: String?) {
    let found = study.manifests.first { $0.round == round && (arm == nil || $0.arm == arm) }
    guard let found else { return nil }
    self.study = study
    manifest = found
    func neighbour(_ round: Int) -> ManifestRecord? {
      study.manifests.first { $0.round == round && $0.arm == found.arm }
    }
    neighbours = (neighbour(round - 1), neighbour(round + 1))
  }

  var title: String { "Round \(manifest.round) of \(study.line.title)" }

  var content: Markup {
    let id = study.line.id
    Parts.trail([
      ("Overview", Address.overview), (study.line.title, Address.study(id)),
      ("Rounds", Address.manifests(id)),
    ])
    tag("h1") { "Round \(manifest.round) of \(study.line.rounds)" }
    tag("p", ["class": "facts"]) {
      "Arm \(study.title(ofModel: manifest.arm)), completed "
      TimeText.markup(manifest.time)
      ", took \(NumberText.duration(manifest.seconds))."
    }
    Parts.section("Contributions", id: "contributors") { contributors }
    Parts.section("Dropped sites", id: "dropped") { dropped }
    Parts.section("Model", id: "model") {
      tag("p") { "SHA-256 of the global model after this round:" }
      tag("pre") { tag("code") { manifest.modelDigest } }
      tag("p", ["class": "tag"]) {
        "A file contains this model if its digest is the same. Check it with consilium model inspect FILE."
      }
    }
    tag("nav", ["aria-label": "Rounds", "class": "steps"]) {
      if let before = neighbours.before { link("← Round \(before.round)", before) }
      if let after = neighbours.after { link("Round \(after.round) →", after) }
    }
  }

  private func link(_ title: String, _ manifest: ManifestRecord) -> Markup {
    tag("a", ["href": Address.manifest(study.line.id, round: manifest.round, arm: manifest.arm)]) { title }
  }

  private var contributors: Markup {
    HTMLPage.table(
      head: [.text("Site"), .number("Examples"), .text("Manifest"), .text("SHA-256 of its update")],
      caption: "Sites whose updates are in the model"
    ) {
      for one in manifest.contributors {
        HTMLPage.row(study.title(of: one.site)) {
          HTMLPage.numberCell(NumberText.grouped(one.samples))
          Parts.cell {
            (one.hasSigned
              ? Sign(shape: "✓", word: "signed", tone: .good)
              : Sign(shape: "…", word: "not signed", tone: .quiet)).markup
          }
          Parts.cell(class: "wide") { tag("code") { one.updateDigest } }
        }
      }
    }
  }

  @MarkupBuilder private var dropped: Markup {
    if manifest.dropped.isEmpty {
      tag("p") { "No site was dropped." }
    } else {
      HTMLPage.table(
        head: [.text("Site"), .text("Reason")], caption: "Sites whose updates are not in the model"
      ) {
        for one in manifest.dropped {
          HTMLPage.row(study.title(of: one.site)) { Parts.cell(class: "wide") { one.reason } }
        }
      }
    }
  }
}
