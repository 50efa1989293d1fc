import Credentials
import FederatedCore
import Foundation
import GRPCCore

/// Serves study leads, operators and observers, each within the limits of its role.
struct AdministrationService: Consilium_V1_Administration.SimpleServiceProtocol {
  let gate: PeerAuthenticator
  let handler: any AdministrationHandler
  private let watches = WatchLimit()

  init(gate: PeerAuthenticator, handler: any AdministrationHandler) {
    self.gate = gate
    self.handler = handler
  }

  static let all: Set<Role> = [.lead, .operator, .observer]

  func propose(request: Consilium_V1_ProposeRequest, context: ServerContext) async throws
    -> Consilium_V1_ProposeReply
  {
    let peer = try gate.admit(context, as: [.lead])
    let study = try await handler.propose(request.proposal, by: peer.party)
    return .with { $0.study = study }
  }

  func control(request: Consilium_V1_ControlRequest, context: ServerContext) async throws
    -> Consilium_V1_ControlReply
  {
    let peer = try gate.admit(context, as: [.lead, .operator])
    guard let action = StudyAction(request.action) else { throw messageFault("an unknown action") }
    let state = try await handler.control(
      action, study: request.study, reason: String(request.reason.prefix(1000)), start: request.start,
      by: peer.party)
    return .with { $0.state = state.message }
  }

  func status(request: Consilium_V1_StatusRequest, context: ServerContext) async throws
    -> Consilium_V1_StatusReply
  {
    _ = try gate.admit(context, as: Self.all)
    let status = try await handler.status(of: request.study.isEmpty ? nil : request.study)
    return .with { $0.status = status }
  }

  func watch(
    request: Consilium_V1_WatchRequest, response: RPCWriter<Consilium_V1_WatchEvent>, context: ServerContext
  ) async throws {
    let peer = try gate.admit(context, as: Self.all)
    try watches.enter(peer.party)
    defer { watches.leave(peer.party) }
    for await event in try await handler.events(of: request.study.isEmpty ? nil : request.study) {
      try gate.check(peer, as: Self.all)
      try await response.write(.with { $0.event = event })
    }
  }

  func results(request: Consilium_V1_ResultsRequest, context: ServerContext) async throws
    -> Consilium_V1_ResultsReply
  {
    _ = try gate.admit(context, as: Self.all)
    let results = try await handler.results(of: request.study)
    return .with {
      $0.state = results.state.message
      $0.files = results.files.map { file in
        .with { ($0.path, $0.blob) = (file.path, file.blob.message) }
      }
    }
  }
}

extension StudyAction {
  private static let messages: [(Self, Consilium_V1_ControlRequest.Action)] = [
    (.start, .start), (.pause, .pause), (.resume, .resume), (.abort, .abort),
    (.repeat, .repeat),
  ]

  init?(_ message: Consilium_V1_ControlRequest.Action) {
    guard let action = Self.messages.first(where: { $0.1 == message })?.0 else { return nil }
    self = action
  }

  var message: Consilium_V1_ControlRequest.Action {
    Self.messages.first { $0.0 == self }?.1 ?? .unspecified
  }
}
