import Reporting

/// The newest entries of the audit log.
struct AuditPage: Page {
  static let usualLimit = 100
  static let greatestLimit = 1000

  let lines: [AuditLine]
  let study: String?
  let limit: Int

  var title: String { study.map { "Audit log of \($0)" } ?? "Audit log" }
  var place: String? { Address.audit }
  var topic: String? { study.map { "study " + Address.encoded($0) } ?? "all" }

  var content: Markup {
    if let study { Parts.trail([("Overview", Address.overview), (study, Address.study(study))]) }
    tag("h1") { title }
    tag("p") {
      "Every entry contains the digest of the previous one, so that no change, omission or reordering goes unnoticed. Check the whole log with consilium audit verify."
    }
    Parts.live("entries") {
      if lines.isEmpty {
        tag("p") { "There are no entries." }
      } else {
        table
      }
    }
    if lines.count == limit, limit < Self.greatestLimit {
      tag("p") {
        tag(
          "a",
          [
            "href": (study.map { Address.audit(of: $0) + "&" } ?? Address.audit + "?")
              + "limit=\(Self.greatestLimit)"
          ]
        ) {
          "Show up to \(Self.greatestLimit) entries"
        }
      }
    }
  }

  private var table: Markup {
    HTMLPage.table(
      head: [.text("No."), .text("When"), .text("Who"), .text("What"), .text("Study"), .text("Digest")],
      caption: "Newest entries first"
    ) {
      for line in lines {
        tag("tr") {
          tag("th", ["scope": "row", "class": "short"]) { String(line.number) }
          Parts.cell { TimeText.markup(line.time) }
          Parts.cell { line.actor }
          Parts.cell(class: "wide") {
            line.event
            if !line.detail.isEmpty { tag("span", ["class": "under"]) { line.detail } }
          }
          Parts.cell {
            if let study = line.study { tag("a", ["href": Address.study(study)]) { study } } else { "–" }
          }
          Parts.cell { Parts.digest(line.digest) }
        }
      }
    }
  }
}
