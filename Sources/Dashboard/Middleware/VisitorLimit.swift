import Hummingbird

/// Refuses visitors with too many connections.
struct VisitorLimit: RouterMiddleware {
  let pool: ConnectionPool

  func handle(
    _ request: Request, context: DashboardContext,
    next: (Request, DashboardContext) async throws -> Response
  ) async throws -> Response {
    if let visitor = context.caller.visitor, !pool.identify(context.channel, as: visitor) {
      throw Problem.tooManyConnections(pool.limits.connectionsPerVisitor)
    }
    return try await next(request, context)
  }
}
