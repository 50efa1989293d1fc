import Hummingbird

extension DashboardRoutes {
  func addEvents(to router: Group) {
    router.get("/events") { request, context in
      guard let visitor = context.caller.visitor else { throw Problem.notSignedIn }
      return try EventStream(hub: hub, visitor: visitor.party) {
        await gate.caller(of: request, over: context.channel).visitor != nil
      }.response()
    }
  }

  func addMetrics(to router: some RouterMethods<DashboardContext>) {
    router.get("/metrics") { _, _ in Monitoring(source: source).metrics(await source.metrics()) }
  }

  /// Adds the addresses that report the coordinator's health. Their answers leave out the reasons, since
  /// everyone can read them.
  func addHealth(to router: some RouterMethods<DashboardContext>) {
    let monitoring = Monitoring(source: source)
    router.get("/healthz") { _, _ in await monitoring.alive(withReasons: false) }
    router.get("/readyz") { _, _ in await monitoring.ready(withReasons: false) }
  }

  func addAssets(to router: Router<DashboardContext>) {
    for asset in Asset.all {
      router.get(RouterPath(asset.path)) { _, _ in asset.response }
    }
  }
}
