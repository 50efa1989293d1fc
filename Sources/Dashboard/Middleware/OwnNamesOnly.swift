import HTTPTypes
import Hummingbird

/// Refuses requests for another host than this machine.
///
/// A page in a browser on this machine can point a name of its own to 127.0.0.1 (DNS rebinding), and
/// would then be allowed to read the answers. The browser still states that name.
struct OwnNamesOnly<Context: RequestContext>: RouterMiddleware {
  private static var names: Set<String> { ["127.0.0.1", "localhost", "[::1]"] }

  func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response)
    async throws -> Response
  {
    // Simple programs state no host; browsers always do.
    guard let host = request.head.authority, !Self.names.contains(Self.name(in: host)) else {
      return try await next(request, context)
    }
    context.logger.warning(
      "monitoring refused a request for another host",
      metadata: ["host": .string(String(host.prefix(100)))])
    return Response(
      status: .misdirectedRequest, headers: [.contentType: "text/plain; charset=utf-8"],
      body: ResponseBody(
        byteBuffer: ByteBuffer(
          string: "this port answers only to the names 127.0.0.1 and localhost; use http://127.0.0.1:PORT\n"))
    )
  }

  /// The name without its port.
  private static func name(in host: String) -> String {
    guard let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") else { return host.lowercased() }
    return host[..<colon].lowercased()
  }
}
