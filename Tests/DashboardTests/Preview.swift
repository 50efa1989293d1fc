import Credentials
import Foundation
import Hummingbird
import Logging
import Testing

@testable import Dashboard

/// Serves the sample to a browser for viewing. Run this test alone with `CONSILIUM_DASHBOARD_PREVIEW=20080`
/// and open http://127.0.0.1:20080; stop it with Control-C. All pages except the sign-in page are shown as
/// for a lead, or as for `CONSILIUM_DASHBOARD_ROLE`. `CONSILIUM_DASHBOARD_REPORT` is the file of a report to
/// show.
@Suite struct Preview {
  private static let environment = ProcessInfo.processInfo.environment

  @Test(.enabled(if: environment["CONSILIUM_DASHBOARD_PREVIEW"] != nil)) func serve() async throws {
    let port = try #require(Int(Self.environment["CONSILIUM_DASHBOARD_PREVIEW"] ?? ""))
    let role = Self.environment["CONSILIUM_DASHBOARD_ROLE"].flatMap(Role.init) ?? .lead
    let report = Self.environment["CONSILIUM_DASHBOARD_REPORT"].map { URL(fileURLWithPath: $0) }
    let board = try TestBoard(SampleSource { $0.report = report })
    let application = Application(
      responder: SignedIn(responder: board.routes.router().buildResponder(), cookie: board.cookie(role)),
      configuration: .init(address: .hostname("127.0.0.1", port: port)), services: [board.routes.hub],
      logger: Logger(label: "preview"))
    try await application.runService()
  }

  /// Adds the cookie of a signed-in visitor, which a plain browser does not have.
  private struct SignedIn<Base: HTTPResponder>: HTTPResponder where Base.Context == DashboardContext {
    let responder: Base
    let cookie: String

    func respond(to request: Request, context: DashboardContext) async throws -> Response {
      guard request.uri.path != Address.signIn else {
        return try await responder.respond(to: request, context: context)
      }
      var head = request.head
      head.headerFields[.cookie] = cookie
      return try await responder.respond(to: Request(head: head, body: request.body), context: context)
    }
  }
}
