import Foundation
import Hummingbird

extension DashboardRoutes {
  func addPages(to router: Group) {
    router.get("/") { _, context in
      let overview = try await source.overview()
      return frame.response(OverviewPage(overview), for: context.caller)
    }
    router.get("/studies/:id") { request, context in
      let study = try await study(context)
      let notice = request.uri.queryParameters["done"].flatMap { DashboardAction.Kind(rawValue: String($0)) }
      return frame.response(
        StudyView(study, caller: context.caller, seal: gate.seal, done: notice, now: configuration.now()),
        for: context.caller)
    }
    router.get("/studies/:id/manifests") { _, context in
      try await frame.response(ManifestsPage(study: study(context)), for: context.caller)
    }
    router.get("/studies/:id/manifests/:round") { request, context in
      let study = try await study(context)
      let arm = request.uri.queryParameters["arm"].map(String.init)
      guard let round = context.parameters.get("round", as: Int.self),
        let page = ManifestPage(study: study, round: round, arm: arm)
      else { throw Problem.noSuchPage }
      return frame.response(page, for: context.caller)
    }
    router.get("/studies/:id/report") { _, context in try await report(context) }
    router.get("/audit") { request, context in
      let query = request.uri.queryParameters
      let study = query["study"].flatMap { $0.isEmpty ? nil : String($0) }
      let limit = query["limit"].flatMap { Int($0) } ?? AuditPage.usualLimit
      let shown = min(max(limit, 1), AuditPage.greatestLimit)
      let lines = try await source.audit(study: study, limit: shown)
      return frame.response(AuditPage(lines: lines, study: study, limit: shown), for: context.caller)
    }
  }

  private func report(_ context: DashboardContext) async throws -> Response {
    let id = try id(context)
    guard let file = try await source.report(of: id) else {
      throw Problem(
        status: .notFound, title: "There is no report yet",
        message: "The report of a study is written when it has ended.")
    }
    return try ReportFile(file).response
  }
}
