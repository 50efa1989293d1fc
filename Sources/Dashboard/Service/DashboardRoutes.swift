import Foundation
import Hummingbird
import Logging

/// The dashboard's addresses and their handlers.
struct DashboardRoutes: Sendable {
  let configuration: DashboardConfiguration
  let source: any DashboardSource
  let hub: ChangeHub
  let gate: CallerAuthenticator
  let frame: PageFrame
  let pool: ConnectionPool

  init(
    configuration: DashboardConfiguration, source: any DashboardSource,
    logger: Logger = Logger(label: "dashboard")
  ) {
    self.configuration = configuration
    self.source = source
    hub = ChangeHub(source: source, heartbeat: configuration.heartbeat, limits: configuration.limits)
    pool = ConnectionPool(configuration.limits, logger: logger)
    gate = CallerAuthenticator(configuration: configuration)
    frame = PageFrame(seal: gate.seal)
  }

  func router() -> Router<DashboardContext> {
    let router = Router(context: DashboardContext.self)
    router.addMiddleware {
      Identification(gate: gate)
      AccessLog()
      SecurityHeaders(isSecure: configuration.tls != nil)
      ProblemPages(frame: frame)
      VisitorLimit(pool: pool)
      FormCheck(seal: gate.seal)
    }
    addAssets(to: router)
    addSignIn(to: router)
    addHealth(to: router)
    let visitors = router.group().add(middleware: VisitorsOnly())
    addPages(to: visitors)
    addActions(to: visitors)
    addEvents(to: visitors)
    if configuration.opensMetrics { addMetrics(to: router) } else { addMetrics(to: visitors) }
    return router
  }

  /// The group to which the routes for visitors are added.
  typealias Group = RouterGroup<DashboardContext>

  /// Returns a study. If there is no such study, throws the error whose page says so.
  func study(_ context: DashboardContext) async throws -> StudyPage {
    let id = try id(context)
    guard let study = try await source.study(id) else { throw Problem.noSuchStudy(id) }
    return study
  }

  /// The study's ID in the path. Parameters of a path arrive encoded, unlike parameters of a query.
  func id(_ context: DashboardContext) throws -> String {
    guard let id = context.parameters.get("id")?.removingPercentEncoding else { throw Problem.noSuchPage }
    return id
  }
}
