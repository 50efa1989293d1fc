import Reporting

/// The page for signing in with a one-time token, which also explains signing in with a certificate.
struct SignInPage: Page {
  /// The address of the page to show after signing in.
  let next: String?
  /// The reason why the browser's certificate was not accepted.
  let refusal: String?
  let seal: String

  var title: String { "Sign in" }

  var content: Markup {
    tag("h1") { "Sign in" }
    if let refusal {
      tag("div", ["class": "status partial", "role": "alert"]) {
        tag("p") {
          tag("b") { "Your certificate was not accepted. " }
          refusal
        }
      }
    }
    tag("section", ["class": "narrow"]) {
      tag("h2") { "With a one-time token" }
      Form(action: Address.signIn, seal: seal).markup {
        if let next { tag("input", ["type": "hidden", "name": "next", "value": next]) }
        tag("label", ["for": "token"]) { "Token" }
        tag(
          "input",
          [
            "id": "token", "name": "token", "type": "text", "required": "", "autocomplete": "one-time-code",
            "autocapitalize": "none", "spellcheck": "false", "aria-describedby": "token-help",
            "maxlength": "64",
          ])
        tag("p", ["id": "token-help", "class": "tag"]) {
          "Five groups of five letters, from the coordinator's administrator. A token works once and for a short time; hyphens do not matter."
        }
        tag("button", ["type": "submit"]) { "Sign in" }
      }
    }
    tag("section", ["class": "narrow"]) {
      tag("h2") { "With a certificate" }
      tag("p") {
        "If the consortium gave you a certificate, add it to this browser or computer. The browser then offers it when you open this page, and you need no token."
      }
    }
  }
}
