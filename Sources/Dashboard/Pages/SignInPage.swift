import Reporting

/// Where one signs in by a one-time token, and learns how a certificate does it.
struct SignInPage: Page {
  /// Where to go afterwards.
  let next: String?
  /// Why the certificate that the browser showed does not count.
  let refusal: String?
  let seal: String

  var title: String { "Sign in" }

  var content: Markup {
    tag("h1") { "Sign in" }
    if let refusal {
      tag("div", ["class": "status partial", "role": "alert"]) {
        tag("p") {
          tag("b") { "Your certificate does not count. " }
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
          "Five groups of five letters, from the person who runs the coordinator. It counts once and for a short time; hyphens do not matter."
        }
        tag("button", ["type": "submit"]) { "Sign in" }
      }
    }
    tag("section", ["class": "narrow"]) {
      tag("h2") { "With a certificate" }
      tag("p") {
        "If the consortium gave you a certificate, add it to this browser or computer. The browser then offers it by itself when you open this page, and no token is needed."
      }
    }
  }
}
