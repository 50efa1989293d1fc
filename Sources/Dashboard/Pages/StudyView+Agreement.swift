import Reporting

extension StudyView {
  @MarkupBuilder var agreement: Markup {
    if !study.agreement.isEmpty {
      Parts.section("Agreement", id: "signatures") {
        HTMLPage.table(
          head: [.text("Site"), .text("Decision"), .text("By"), .text("When"), .text("Reason")],
          caption: "Decisions on this version of the study"
        ) {
          for line in study.agreement {
            tag("tr") {
              Parts.site(line.site, line.title)
              Parts.cell {
                line.decision.sign.markup
                tag("span", ["class": "under"]) { line.isRequired ? "required" : "optional" }
              }
              Parts.cell { line.signer ?? "–" }
              Parts.cell { TimeText.markup(line.time) }
              Parts.cell { line.reason ?? "–" }
            }
          }
        }
        tag("p", ["class": "tag"]) {
          "Each site signs the study's digest shown above. An amended study has a new digest and needs new signatures."
        }
      }
    }
  }
}
