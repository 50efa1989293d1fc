import Hummingbird

extension DashboardRoutes {
  private struct SignIn: Decodable {
    var token: String?
    var next: String?
  }

  func addSignIn(to router: Router<DashboardContext>) {
    router.get("/sign-in") { request, context in
      let next = Address.ownPath(request.uri.queryParameters["next"].map(String.init))
      if context.caller.visitor != nil {
        return Response(status: .seeOther, headers: [.location: next ?? Address.overview])
      }
      return signInPage(next: next, context.caller)
    }
    router.post("/sign-in") { request, context in try await signIn(request, context) }
    router.post("/sign-out") { _, context in
      var response = Response(status: .seeOther, headers: [.location: Address.signIn])
      if let session = context.caller.session { response.setCookie(gate.close(session)) }
      return response
    }
  }

  /// The response with the sign-in form. The form is tied to a cookie, so that no other page can sign a
  /// visitor in as someone else.
  private func signInPage(next: String?, _ caller: Caller) -> Response {
    var caller = caller
    let visit = caller.binding == nil ? Secret.random() : nil
    if let visit { caller.binding = "visit:" + visit }
    let page = SignInPage(
      next: next, refusal: caller.refusal, seal: gate.seal.seal(for: caller.binding ?? ""))
    var response = frame.response(page, for: caller)
    if let visit { response.setCookie(gate.visitCookie(visit)) }
    return response
  }

  private func signIn(_ request: Request, _ context: DashboardContext) async throws -> Response {
    let now = configuration.now()
    if let wait = gate.attempts.begin(from: context.address, now: now) {
      context.logger.warning("sign-in refused", metadata: ["address": .string(context.address)])
      throw Problem(
        status: .tooManyRequests, title: "Too many attempts",
        message:
          "Signing in failed \(AttemptLimit.attempts) times from your address. Wait \(Int((wait / 60).rounded(.up))) minutes, then try a new token.",
        retryAfter: Int(wait.rounded(.up)))
    }
    let form = try await URLEncodedFormDecoder().decode(SignIn.self, from: request, context: context)
    guard let token = form.token,
      let record = configuration.tokens.record(
        redeeming: token, now: now,
        isRevoked: { person, since in
          configuration.revocations(person).values.contains { $0 >= since.addingTimeInterval(-1) }
        })
    else {
      context.logger.warning("sign-in failed", metadata: ["address": .string(context.address)])
      try await configuration.signingIn(.failed(address: context.address))
      throw Problem(
        status: .forbidden, title: "Token not accepted",
        message:
          "It may be mistyped, already used or expired. Each token works once and for a short time. Ask the coordinator's administrator for a new one."
      )
    }
    let party = record.party
    do {
      try await configuration.signingIn(.succeeded(party))
    } catch {
      // Nobody is signed in, so the token is not used up.
      try? configuration.tokens.giveBack(token, record)
      throw error
    }
    gate.attempts.forget(context.address)
    context.logger.notice("signed in", metadata: ["visitor": .string(party.description)])
    var response = Response(
      status: .seeOther, headers: [.location: Address.ownPath(form.next) ?? Address.overview])
    response.setCookie(gate.open(Visitor(party: party, signIn: .token)))
    return response
  }
}
