import FederatedCore
import Hummingbird

extension DashboardRoutes {
  private struct Reason: Decodable { var reason: String? }

  func addActions(to router: Group) {
    for kind in DashboardAction.Kind.allCases {
      router.post("/studies/:id/\(kind.rawValue)") { request, context in
        try await perform(kind, request, context)
      }
    }
  }

  private func perform(
    _ kind: DashboardAction.Kind, _ request: Request, _ context: DashboardContext
  ) async throws -> Response {
    guard let visitor = context.caller.visitor else { throw Problem.notSignedIn }
    guard visitor.may(kind) else {
      let roles = kind.roles.map(\.rawValue).sorted().joined(separator: " or ")
      throw Problem(
        status: .forbidden, title: "Your role does not allow that",
        message:
          "You are signed in as \(visitor.party). Only the role \(roles) can \(kind.rawValue) a study. Nothing was changed."
      )
    }
    let study = try await study(context).line
    let action = try await action(kind, study.id, request, context)
    guard kind.applies(to: study.state) else {
      throw Problem(
        status: .conflict, title: "That is not possible",
        message:
          "The study is \(study.state.title.lowercased()), so nobody can \(kind.rawValue) it. Nothing was changed."
      )
    }
    try await source.perform(action, by: visitor)
    context.logger.notice(
      "action",
      metadata: [
        "action": .string(kind.rawValue), "study": .string(study.id), "visitor": .string("\(visitor.party)"),
      ])
    return Response(
      status: .seeOther, headers: [.location: Address.study(study.id) + "?done=" + kind.rawValue])
  }

  private func action(
    _ kind: DashboardAction.Kind, _ study: String, _ request: Request, _ context: DashboardContext
  ) async throws -> DashboardAction {
    switch kind {
    case .pause: return .pause(study: study)
    case .resume: return .resume(study: study)
    case .abort:
      let form = try await URLEncodedFormDecoder().decode(Reason.self, from: request, context: context)
      let reason = (form.reason ?? "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
      guard !reason.isEmpty, reason.count <= 500 else {
        throw Problem(
          status: .unprocessableContent, title: "A reason is needed",
          message:
            "To abort a study, give a reason of at most 500 characters; every site will read it. Nothing was changed."
        )
      }
      return .abort(study: study, reason: reason)
    }
  }
}
