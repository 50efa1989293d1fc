import Reporting

extension StudyView {
  /// Buttons for the actions that the visitor's role allows and that make sense in the study's state.
  @MarkupBuilder var actions: Markup {
    let kinds = DashboardAction.Kind.allCases.filter { kind in
      caller.visitor?.may(kind) == true && kind.applies(to: study.line.state)
    }
    if !kinds.isEmpty {
      tag("section", ["class": "actions", "aria-label": "What you may do"]) {
        for kind in kinds where kind != .abort {
          form(kind) { tag("button", ["type": "submit"]) { "\(kind.title) the study" } }
        }
        if kinds.contains(.abort) { abort }
      }
    }
  }

  private var abort: Markup {
    tag("details", ["id": "abort"]) {
      tag("summary") { "Abort the study…" }
      form(.abort) {
        tag("p") { "This ends the study permanently, at every site. To stop it for a while, pause it." }
        tag("label", ["for": "reason"]) { "Reason (every site will read it)" }
        tag("textarea", ["id": "reason", "name": "reason", "rows": "3", "maxlength": "500", "required": ""])
        tag("button", ["type": "submit", "class": "danger"]) { "Abort permanently" }
      }
    }
  }

  private func form(_ kind: DashboardAction.Kind, @MarkupBuilder _ content: () -> Markup) -> Markup {
    Form(action: Address.action(kind, study.line.id), caller: caller, seal: seal).markup(content)
  }
}

extension DashboardAction.Kind {
  var title: String {
    switch self {
    case .pause: "Pause"
    case .resume: "Resume"
    case .abort: "Abort"
    }
  }
}
