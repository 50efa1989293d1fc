import Hummingbird
import Logging

/// Logs one line per request: what was requested, by whom, and the result.
///
/// The query is left out, since it may contain text that someone typed.
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
