import Hummingbird
import Logging

/// Writes one line for each request: what was asked, by whom, and how it went.
///
/// The query is left out, since it may hold what someone typed.
struct AccessLog: RouterMiddleware {
  func handle(
    _ request: Request, context: DashboardContext,
    next: (Request, DashboardContext) async throws -> Response
  ) async throws -> Response {
    let start = ContinuousClock.now
    let response = try await next(request, context)
    let microseconds = (ContinuousClock.now - start) / .microseconds(1)
    var metadata: Logger.Metadata = [
      "method": .string(request.method.rawValue), "path": .string(request.uri.path),
      "status": .stringConvertible(response.status.code), "address": .string(context.address),
      "microseconds": .stringConvertible(Int(microseconds)),
    ]
    if let visitor = context.caller.visitor { metadata["visitor"] = .string(visitor.party.description) }
    context.logger.log(
      level: response.status.code >= 500 ? .error : .info, "request", metadata: metadata)
    return response
  }
}
