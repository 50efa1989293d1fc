import HTTPTypes
import Hummingbird

/// Redirects visitors who are not signed in to the sign-in page.
struct VisitorsOnly: RouterMiddleware {
  func handle(
    _ request: Request, context: DashboardContext,
    next: (Request, DashboardContext) async throws -> Response
  ) async throws -> Response {
    if context.caller.visitor != nil { return try await next(request, context) }
    // Programs, and the script that updates a page, get an error instead of a redirect.
    guard request.method == .get, request.headers[.accept]?.contains("text/html") == true else {
      throw Problem.notSignedIn
    }
    let path = request.uri.path + (request.uri.query.map { "?" + $0 } ?? "")
    let way = path == Address.overview ? "" : "?next=" + Address.encoded(path)
    return Response(status: .seeOther, headers: [.location: Address.signIn + way])
  }
}
