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
    router.get("/studies/:id/statistics") { _, context in
      try await frame.response(StatisticsPage(study: study(context)), for: context.caller)
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
    router.get("/history") { _, context in
      frame.response(HistoryPage(try await source.overview()), for: context.caller)
    }
    router.get("/compare") { request, _ in try await comparison(request) }
    router.get("/studies/:id/files/:name") { _, context in try await file("", context) }
    router.get("/studies/:id/files/models/:name") { _, context in try await file("models/", context) }
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

  private func comparison(_ request: Request) async throws -> Response {
    let ids = request.uri.queryParameters[values: "study"].map(String.init)
    guard (2...8).contains(ids.count), Set(ids).count == ids.count else {
      throw Problem(
        status: .unprocessableContent, title: "Nothing to compare",
        message: "Go back and select two to eight studies to compare their results.")
    }
    return ReportFile(page: Data(try await source.comparison(of: ids).utf8)).response
  }

  /// Serves a result file to every signed-in role, as `study results` does.
  private func file(_ folder: String, _ context: DashboardContext) async throws -> Response {
    let id = try id(context)
    let name = context.parameters.get("name")?.removingPercentEncoding ?? ""
    guard let file = try await source.files(of: id).first(where: { $0.path == folder + name }) else {
      throw Problem(
        status: .notFound, title: "There is no such file",
        message: "The results of a study can be downloaded once it has ended; its page lists them.")
    }
    return try await ResultDownload(file, of: id).response(context)
  }

  private func report(_ context: DashboardContext) async throws -> Response {
    let id = try id(context)
    guard let file = try await source.report(of: id) else {
      throw Problem(
        status: .notFound, title: "There is no report yet",
        message: "The report of a study is written when the study ends.")
    }
    return try ReportFile(file).response
  }
}
