import Reporting

/// All finished rounds of a study.
struct ManifestsPage: Page {
  let study: StudyPage

  var title: String { "Finished rounds of \(study.line.title)" }
  var topic: String? { "study " + Address.encoded(study.line.id) }

  var content: Markup {
    Parts.trail([("Overview", Address.overview), (study.line.title, Address.study(study.line.id))])
    tag("h1") { "Finished rounds" }
    Parts.live("rounds") {
      if study.manifests.isEmpty {
        tag("p") { "No round has finished yet." }
      } else {
        ManifestTable(study: study, manifests: study.manifests.reversed()).markup
      }
    }
  }
}
