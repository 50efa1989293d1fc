import Hummingbird
import Reporting

/// The frame of every page: navigation, the signed-in visitor, and a skip link for keyboard users.
struct PageFrame: Sendable {
  let seal: CSRFToken

  func response(_ page: some Page, for caller: Caller, status: HTTPResponse.Status = .ok) -> Response {
    Response(
      status: status, headers: [.contentType: "text/html; charset=utf-8"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: html(page, for: caller))))
  }

  func response(_ problem: Problem, for caller: Caller) -> Response {
    var response = response(
      ProblemPage(problem: problem, isSignedIn: caller.visitor != nil), for: caller, status: problem.status)
    if let seconds = problem.retryAfter { response.headers[.retryAfter] = String(seconds) }
    return response
  }

  func html(_ page: some Page, for caller: Caller) -> String {
    let document = tag("html", ["lang": "en"]) {
      head(page)
      tag("body", ["data-topic": page.topic]) {
        tag("a", ["class": "skip", "href": "#main"]) { "Skip to the content" }
        header(page, caller)
        tag("main", ["id": "main", "tabindex": "-1"]) { page.content }
        footer(page)
      }
    }
    return "<!DOCTYPE html>\n" + document.source + "\n"
  }

  private func head(_ page: some Page) -> Markup {
    tag("head") {
      tag("meta", ["charset": "utf-8"])
      tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
      tag("meta", ["name": "color-scheme", "content": "light dark"])
      tag("title") { "\(page.title) – Consilium" }
      tag("link", ["rel": "icon", "type": "image/svg+xml", "href": Asset.icon.path])
      tag("link", ["rel": "stylesheet", "href": Asset.style.path])
      tag("script", ["src": Asset.script.path, "defer": ""])
    }
  }

  private func header(_ page: some Page, _ caller: Caller) -> Markup {
    tag("header", ["class": "bar"]) {
      tag("p", ["class": "brand"]) { tag("a", ["href": Address.overview]) { "Consilium" } }
      if let visitor = caller.visitor {
        tag("nav", ["aria-label": "Main"]) {
          tag("ul") {
            link("Overview", Address.overview, page)
            link("History", Address.history, page)
            link("Audit log", Address.audit, page)
          }
        }
        tag("div", ["class": "who"]) {
          tag("span") {
            "Signed in as "
            tag("b", ["dir": "auto"]) { visitor.party.name }
            " (\(visitor.party.role.rawValue))"
          }
          if caller.session != nil {
            Form(action: Address.signOut, caller: caller, seal: seal).markup {
              tag("button", ["type": "submit", "class": "plain"]) { "Sign out" }
            }
          }
        }
      }
    }
  }

  private func link(_ title: String, _ address: String, _ page: some Page) -> Markup {
    tag("li") {
      tag("a", ["href": address, "aria-current": page.place == address ? "page" : nil]) { title }
    }
  }

  private func footer(_ page: some Page) -> Markup {
    tag("footer") {
      if page.topic != nil {
        tag("p", ["id": "live-status", "role": "status", "class": "live"]) { "" }
        tag("noscript") {
          tag("p") { "Without JavaScript this page does not update itself. Reload it to see changes." }
        }
      }
      tag("p") {
        "This page shows only counts, states and digests: images and patients’ data stay at the sites. "
        tag("span", ["id": "zone"]) { "All times are UTC." }
      }
    }
  }
}
