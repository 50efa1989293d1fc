import Hummingbird

/// Turns errors into pages that explain what to do.
struct ProblemPages: RouterMiddleware {
  let frame: PageFrame

  func handle(
    _ request: Request, context: DashboardContext,
    next: (Request, DashboardContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch {
      let problem = Problem(error, request: context.id)
      if problem.status.code >= 500 {
        context.logger.error("request failed", metadata: ["error": .string(String(describing: error))])
      }
      return frame.response(problem, for: context.caller)
    }
  }
}
