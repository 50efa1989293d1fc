import FederatedCore
import Reporting

extension StudyView {
  /// The newest few rounds; a separate page lists all of them.
  @MarkupBuilder var rounds: Markup {
    if !study.manifests.isEmpty {
      Parts.section("Finished rounds", id: "manifests") {
        ManifestTable(study: study, manifests: study.manifests.suffix(10).reversed()).markup
        if study.manifests.count > 10 {
          tag("p") {
            tag("a", ["href": Address.manifests(study.line.id)]) { "All \(study.manifests.count) rounds" }
          }
        }
      }
    }
  }
}

/// A table with a line per round and a link to its manifest.
struct ManifestTable {
  let study: StudyPage
  let manifests: [ManifestRecord]

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
            tag("a", ["href": Address.manifest(study.line.id, round: manifest.round, arm: manifest.arm)]) {
              "Round \(manifest.round)"
              if hasArms { " of \(study.title(ofModel: manifest.arm))" }
            }
          }
          Parts.cell { names(manifest.contributors.map(\.site)) }
          HTMLPage.numberCell(NumberText.grouped(manifest.contributors.map(\.samples).reduce(0, +)))
          Parts.cell { manifest.dropped.isEmpty ? "none" : names(manifest.dropped.map(\.site)) }
          HTMLPage.numberCell(NumberText.duration(manifest.seconds))
          Parts.cell { Parts.digest(manifest.modelDigest) }
        }
      }
    }
  }

  /// The sites in words: `all 4 sites`, or their names.
  private func names(_ sites: [SiteID]) -> String {
    sites.count > 1 && Set(sites) == Set(study.agreement.map(\.site))
      ? "all \(sites.count) sites" : Prose.list(sites.map { study.title(of: $0) })
  }
}
