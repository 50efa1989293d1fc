import Credentials
import CredentialsTesting
import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import Foundation

@testable import FederatedTransport

/// A coordinator's server on loopback with sites `a` and `b`, which both take part in one study `s`.
struct TestConsortium: Sendable {
  static let arm = "fedavg"
  static let layout = ParameterLayout(entries: [
    .init(name: "weight", shape: [3, 4]), .init(name: "mean", shape: [5], role: .buffer),
  ])

  let folder: URL
  let authority: TestAuthority
  let coordinator: Identity
  let program = TestCoordinator()
  let gate: PeerAuthenticator
  var limits = ConnectionLimits()
  /// The clients' keepalive; long, because test machines are slow.
  var keepalive: (every: Duration, answer: Duration) = (.seconds(60), .seconds(60))

  init(in folder: URL) throws {
    self.folder = folder
    authority = try TestAuthority()
    coordinator = try authority.identity(.coordinator, "hub")
    gate = PeerAuthenticator(coordinator.authority)
  }

  /// Runs a server while `body` runs, and passes the server and its port to `body`.
  func withServer<R: Sendable>(
    port: Int = 0, identity: Identity? = nil,
    _ body: @escaping @Sendable (FederationServer, Int) async throws -> R
  ) async throws -> R {
    var configuration = FederationServer.Configuration(host: "127.0.0.1", port: port)
    configuration.limits = limits
    let server = FederationServer(
      configuration, identity: identity ?? coordinator, gate: gate, coordination: program,
      administration: program)
    return try await withThrowingTaskGroup(of: R?.self) { group in
      group.addTask {
        try await server.run()
        return nil
      }
      defer {
        server.shutDown()
        group.cancelAll()
      }
      let port = try await server.port
      return try await body(server, port)
    }
  }

  func withClient<R: Sendable>(
    _ identity: Identity, port: Int, patience: Duration? = nil, host: String = "127.0.0.1",
    _ body: @Sendable (CoordinatorClient) async throws -> R
  ) async throws -> R {
    var configuration = ClientConfiguration(host: host, port: port, patience: patience)
    configuration.keepalive = keepalive
    configuration.longestBackoff = .milliseconds(200)
    return try await NetworkLink.with(configuration, identity: identity) { link in
      try await body(CoordinatorClient(link, process: "p"))
    }
  }

  /// A study with one open arm, and its coordinator's mailbox.
  func openStudy(
    _ name: String = "s", layout: ParameterLayout = layout, vectors: Int = 1,
    check: @escaping StudyEndpoint.ContributionCheck = { _, _ in },
    keep: @escaping StudyEndpoint.ContributionKeeping = { _, _ in }
  ) async throws -> (endpoint: StudyEndpoint, mailbox: CoordinatorMailbox) {
    let endpoint = try StudyEndpoint(
      study: name, members: [SiteID("a"), SiteID("b")], folder: folder.appending(path: name), check: check,
      keep: keep)
    let mailbox = CoordinatorMailbox()
    await endpoint.open(mailbox, arm: Self.arm, layout: layout, vectors: vectors)
    await program.add(endpoint)
    return (endpoint, mailbox)
  }

  /// A site's transport to the arm of a study.
  func transport(
    _ client: CoordinatorClient, _ site: String, study: String = "s", layout: ParameterLayout = layout
  ) throws -> NetworkTransport {
    NetworkTransport(
      client, study: study, arm: Self.arm, layout: layout,
      store: try BlobStore(folder.appending(path: "site-\(site)-\(study)"))
    ) { _, _, _ in Data("signed".utf8) }
  }
}

extension CoordinatorMailbox {
  /// Assigns training to a site, with the checks of FedAvg.
  func assignTraining(_ assignment: Assignment, to site: SiteID) {
    let settings = FederationSettings(arm: TestConsortium.arm, rounds: 9, learningRate: { _ in 0.1 }, seed: 1)
    let stage = TrainingStage(FedAvg(), settings: settings)
    assign(assignment, to: site) { try stage.check($0, to: assignment, from: site) }
  }
}

/// The error that `body` throws; `nil` if it throws none.
func refusal(_ body: () async throws -> Void) async -> ConsiliumError? {
  do {
    try await body()
    return nil
  } catch {
    return error as? ConsiliumError ?? ConsiliumError(.engine, "another error: \(error)", cause: error)
  }
}
