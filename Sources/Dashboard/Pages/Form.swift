import Reporting

/// A form that changes something, with the token that proves its origin.
struct Form {
  let action: String
  let seal: String

  init(action: String, seal: String) {
    self.action = action
    self.seal = seal
  }

  init(action: String, caller: Caller, seal: CSRFToken) {
    self.init(action: action, seal: caller.binding.map(seal.seal) ?? "")
  }

  func markup(@MarkupBuilder _ content: () -> Markup) -> Markup {
    tag("form", ["method": "post", "action": action]) {
      tag("input", ["type": "hidden", "name": CSRFToken.field, "value": seal])
      content()
    }
  }
}
