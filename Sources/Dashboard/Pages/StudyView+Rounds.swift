import Reporting

extension StudyView {
  /// The newest few; the rest have a page of their own.
  @MarkupBuilder var rounds: Markup {
    if !study.manifests.isEmpty {
      Parts.section("Finished rounds", id: "manifests") {
        ManifestTable(study: study.line.id, manifests: study.manifests.suffix(10).reversed()).markup
        if study.manifests.count > 10 {
          tag("p") {
            tag("a", ["href": Address.manifests(study.line.id)]) { "All \(study.manifests.count) rounds" }
          }
        }
      }
    }
  }
}

/// Rounds in a line each, with the way to their manifests.
struct ManifestTable {
  let study: String
  let manifests: [RoundManifest]

  var markup: Markup {
    let hasArms = Set(manifests.map(\.arm)).count > 1
    return HTMLPage.table(
      head: [
        .text("Round"), .text("Contributed"), .number("Examples"), .text("Dropped"), .number("Took"),
        .text("Model"),
      ], caption: "Finished rounds, newest first"
    ) {
      for manifest in manifests {
        tag("tr") {
          tag("th", ["scope": "row"]) {
            tag("a", ["href": Address.manifest(study, round: manifest.round, arm: manifest.arm)]) {
              "Round \(manifest.round)"
              if hasArms { " of \(ArmName.text(manifest.arm))" }
            }
          }
          Parts.cell { Prose.list(manifest.contributors.map(\.site.rawValue)) }
          HTMLPage.numberCell(NumberText.grouped(manifest.contributors.map(\.samples).reduce(0, +)))
          Parts.cell { manifest.dropped.isEmpty ? "none" : Prose.list(manifest.dropped.map(\.site.rawValue)) }
          HTMLPage.numberCell(NumberText.duration(manifest.seconds))
          Parts.cell { Parts.digest(manifest.modelDigest) }
        }
      }
    }
  }
}
