import Hummingbird

/// Answers monitoring programs: metrics, and the coordinator's health.
struct Monitoring: Sendable {
  let source: any DashboardSource

  /// The routes for the machine's own programs, on a loopback address.
  func router() -> Router<BasicRequestContext> {
    let router = Router()
    router.add(middleware: OwnNamesOnly())
    router.get("/metrics") { _, _ in metrics(await source.metrics()) }
    router.get("/healthz") { _, _ in await alive(withReasons: true) }
    router.get("/readyz") { _, _ in await ready(withReasons: true) }
    return router
  }

  func metrics(_ samples: [MetricSample]) -> Response {
    text(PrometheusText(samples).text, type: PrometheusText.contentType)
  }

  func alive(withReasons: Bool) async -> Response {
    let health = await source.health()
    return answer(health.isAlive, yes: "alive", no: "not alive", withReasons ? health.reasons : [])
  }

  func ready(withReasons: Bool) async -> Response {
    let health = await source.health()
    return answer(
      health.isAlive && health.isReady, yes: "ready", no: "not ready", withReasons ? health.reasons : [])
  }

  private func answer(_ isWell: Bool, yes: String, no: String, _ reasons: [String]) -> Response {
    let lines = [isWell ? yes : no] + reasons
    return text(
      lines.joined(separator: "\n") + "\n", type: "text/plain; charset=utf-8",
      status: isWell ? .ok : .serviceUnavailable)
  }

  private func text(_ text: String, type: String, status: HTTPResponse.Status = .ok) -> Response {
    Response(
      status: status, headers: [.contentType: type, .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }
}
