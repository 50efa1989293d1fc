import HTTPTypes
import Hummingbird

/// Rejects requests that would change something unless they carry the token of one of our own forms.
struct FormCheck: RouterMiddleware {
  private struct Sealed: Decodable { var seal: String }

  let seal: CSRFToken

  func handle(
    _ request: Request, context: DashboardContext,
    next: (Request, DashboardContext) async throws -> Response
  ) async throws -> Response {
    guard request.method != .get, request.method != .head else { return try await next(request, context) }
    // Browsers that send this header state where a form comes from. For all other browsers, the token alone
    // decides.
    let site = HTTPField.Name("Sec-Fetch-Site").flatMap { request.headers[$0] }
    guard site == nil || site == "same-origin" else { throw Problem.brokenSeal }
    var request = request
    let body = try await request.collectBody(upTo: context.maxUploadSize)
    guard let binding = context.caller.binding,
      let form = try? URLEncodedFormDecoder().decode(Sealed.self, from: String(buffer: body)),
      seal.isValid(form.seal, for: binding)
    else { throw Problem.brokenSeal }
    return try await next(request, context)
  }
}
