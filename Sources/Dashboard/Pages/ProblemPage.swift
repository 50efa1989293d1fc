import Reporting

/// A page that explains what went wrong, with a link back.
struct ProblemPage: Page {
  let problem: Problem
  let isSignedIn: Bool

  var title: String { problem.title }

  var content: Markup {
    tag("h1") { problem.title }
    tag("p") { problem.message }
    tag("p") {
      if !isSignedIn {
        tag("a", ["href": Address.signIn]) { "Go to the sign-in page" }
      } else {
        tag("a", ["href": Address.overview]) { "Go to the overview" }
      }
    }
  }
}
