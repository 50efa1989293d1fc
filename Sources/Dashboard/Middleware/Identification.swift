import Hummingbird

/// Adds the sender of a request to its context.
struct Identification: RouterMiddleware {
  let gate: CallerAuthenticator

  func handle(
    _ request: Request, context: DashboardContext,
    next: (Request, DashboardContext) async throws -> Response
  ) async throws -> Response {
    var context = context
    context.caller = await gate.caller(of: request, over: context.channel)
    return try await next(request, context)
  }
}
