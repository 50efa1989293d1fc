import FederatedCore
import Reporting

/// Elements that several pages use.
enum Parts {
  /// A section that ``LiveScript`` replaces when its content has changed.
  static func live(_ id: String, @MarkupBuilder _ content: () -> Markup) -> Markup {
    tag("div", ["id": id, "data-live": ""], content)
  }

  static func section(_ title: String, id: String, @MarkupBuilder _ content: () -> Markup) -> Markup {
    tag("section", ["id": id, "aria-labelledby": id + "-title"]) {
      tag("h2", ["id": id + "-title"]) { title }
      content()
    }
  }

  static func cell(class name: String? = nil, @MarkupBuilder _ content: () -> Markup) -> Markup {
    tag("td", ["class": name], content)
  }

  /// A site's short name, with the institution's name below it.
  static func site(_ site: SiteID, _ title: String?) -> Markup {
    tag("th", ["scope": "row"]) {
      tag("b") { site.rawValue }
      if let title { tag("span", ["class": "under"]) { title } }
    }
  }

  static func progress(_ step: Int, of count: Int, label: String) -> Markup {
    tag(
      "progress",
      ["max": String(max(count, 1)), "value": String(min(max(step, 0), max(count, 1))), "aria-label": label]
    ) {
      "\(step) of \(count)"
    }
  }

  /// The first 12 digits of a digest, to read out and compare; a tooltip shows all of them.
  static func digest(_ digest: String) -> Markup {
    tag("code", ["title": digest]) { digest.count > 12 ? digest.prefix(12) + "…" : digest }
  }

  /// The links back from a page of a study.
  static func trail(_ steps: [(title: String, address: String)]) -> Markup {
    tag("nav", ["aria-label": "Where you are", "class": "trail"]) {
      tag("ol") {
        for step in steps { tag("li") { tag("a", ["href": step.address]) { step.title } } }
      }
    }
  }
}
