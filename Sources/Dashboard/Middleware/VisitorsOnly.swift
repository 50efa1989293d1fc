import HTTPTypes
import Hummingbird

/// Sends those who have not signed in to the page where they can.
struct VisitorsOnly: RouterMiddleware {
  func handle(
    _ request: Request, context: DashboardContext,
    next: (Request, DashboardContext) async throws -> Response
  ) async throws -> Response {
    if context.caller.visitor != nil { return try await next(request, context) }
    // Programs, and the script that renews a page, are told; people are led.
    guard request.method == .get, request.headers[.accept]?.contains("text/html") == true else {
      throw Problem.notSignedIn
    }
    let path = request.uri.path + (request.uri.query.map { "?" + $0 } ?? "")
    let way = path == Address.overview ? "" : "?next=" + Address.encoded(path)
    return Response(status: .seeOther, headers: [.location: Address.signIn + way])
  }
}
