import Credentials
import CredentialsTesting
import FederatedCore
import FederatedRuntime
import FederatedTesting
import FederatedTransport
import Foundation
import ParameterFiles
import StudyAgreement
import StudyProtocol
import StudyRuns
import TestSupport

@testable import CoordinatorService

/// A study of two honest sites, which it requires, and one site under an attacker's control: on the real
/// coordinator, over mutual TLS. The sites train the reference model, so a study takes a second.
struct AttackedStudy: Sendable {
  static let cheat = SiteID("mallory")

  let folder: URL
  let authority: TestAuthority
  let coordinator: Identity
  let lead: Identity
  let identities: [SiteID: Identity]
  var clinic = ClinicStudy()
  /// How long a round waits for the cheating site.
  var patience = Duration.seconds(60)

  init(in folder: URL) throws {
    self.folder = folder
    let authority = try TestAuthority(consortium: "clinic")
    self.authority = authority
    coordinator = try authority.identity(.coordinator, "hub")
    lead = try authority.identity(.lead, "lead")
    identities = try Dictionary(
      uniqueKeysWithValues: ["north", "south", Self.cheat.rawValue].map {
        (SiteID($0), try authority.identity(.site, $0))
      })
    clinic.rounds = 2
    clinic.selection = "last"
    clinic.metrics = "[accuracy]"
    clinic.sites = "{required: [north, south], minimum: 2}"
    clinic.evaluation = ["baselines: []", "bootstrap: {replicates: 0}"]
  }

  var honest: [SiteID] { identities.keys.filter { $0 != Self.cheat }.sorted() }

  /// The state in which a study ended, and its federated model with its manifest.
  struct Ending: Sendable {
    var state: StudyState
    var reason: String
    var manifest: ManifestFile?
    /// The result of verifying the model as everybody can.
    var review: ManifestFile.Review?

    var rounds: [RoundManifest] { manifest?.rounds.map(\.statement) ?? [] }

    func contributors(_ round: Int) -> [String] {
      rounds.first { $0.round == round }?.contributions.map(\.statement.site.rawValue) ?? []
    }

    /// Why the cheating site is not in a round; `nil` if it is.
    func reasonOfDrop(in round: Int) -> String? {
      rounds.first { $0.round == round }?.dropped.first { $0.site == AttackedStudy.cheat }?.reason
    }
  }

  /// Runs the study to its end, with the honest sites and with what the cheating site does.
  ///
  /// - Parameter attack: Runs once the study has been started. An honest site would prepare, and then serve
  ///   all arms.
  func run(_ attack: @escaping @Sendable (StudySite) async throws -> Void) async throws -> Ending {
    let service = try CoordinatorService(
      CoordinatorConfiguration(
        folder: folder.appending(path: "coordinator"), patience: patience, absence: patience),
      keeper: IdentityKeeper(coordinator))
    try await service.start()
    let server = FederationServer(
      .init(host: "127.0.0.1", port: 0), identity: coordinator,
      gate: PeerAuthenticator(coordinator.authority), coordination: service, administration: service)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      let port = try await server.port
      let ending = await Result { try await self.run(attack, port: port, service) }
      // The sites have gone, so no call is in progress.
      await service.shutDown()
      server.shutDown()
      try await group.waitForAll()
      return try ending.get()
    }
  }

  private func run(
    _ attack: @escaping @Sendable (StudySite) async throws -> Void, port: Int, _ service: CoordinatorService
  ) async throws -> Ending {
    let id = try await start(service)
    return try await withThrowingTaskGroup(of: Ending?.self) { group in
      defer { group.cancelAll() }
      for site in identities.keys {
        group.addTask {
          try await with(site, of: id, port: port) { member in
            if site == Self.cheat {
              try await attack(member)
            } else {
              try await member.prepare()
              try await member.serve()
            }
          }
          return nil
        }
      }
      group.addTask { try await self.ending(of: id, service) }
      while let result = try await group.next() { if let result { return result } }
      throw CancellationError()
    }
  }

  /// Proposes the study, has all sites sign it, and starts it.
  private func start(_ service: CoordinatorService) async throws -> String {
    let proposal = try StudyProposal(text: clinic.text, invited: identities.keys.sorted(), at: Date()) {
      (data) throws(ConsiliumError) in try lead.sign(data, at: Date())
    }
    let id = try await service.propose(WireJSON.encode(proposal), by: lead.party)
    let digest = String(repeating: "0", count: 64)
    for (site, identity) in identities {
      let statement = try DecisionStatement.signed(proposal, site: site, policy: digest, data: digest)
      let signed = try Signed(statement) { (data) throws(ConsiliumError) in
        try identity.sign(data, at: Date())
      }
      try await service.decide(WireJSON.encode(signed), study: id, from: site)
    }
    let begin = StartStatement(
      study: proposal.digest, proposal: try proposal.statement.digest(), time: Date())
    let start = try Signed(begin) { (data) throws(ConsiliumError) in try lead.sign(data, at: Date()) }
    _ = try await service.control(
      .start, study: id, reason: "", start: WireJSON.encode(start), by: lead.party)
    return id
  }

  private func with(
    _ site: SiteID, of id: String, port: Int, _ body: @escaping @Sendable (StudySite) async throws -> Void
  ) async throws {
    guard let identity = identities[site] else { return }
    let study = try Study(yaml: clinic.text)
    let plan = try NetworkPlan(study, members: identities.keys.sorted())
    let place = folder.appending(path: site.rawValue)
    let index = identities.keys.sorted().firstIndex(of: site) ?? 0
    var configuration = ClientConfiguration(host: "127.0.0.1", port: port)
    configuration.longestBackoff = .milliseconds(100)
    try await NetworkLink.with(configuration, identity: identity) { link in
      let client = CoordinatorClient(link, process: "\(site)/1")
      _ = try await client.join(programVersion: "test") { Date() }
      try await body(
        StudySite(
          site: site, identity: identity, id: id, digest: study.digest(), plan: plan, client: client,
          trainer: ReferenceTrainer.sites(3)[index], folder: place))
    }
  }

  private func ending(of id: String, _ service: CoordinatorService) async throws -> Ending {
    while true {
      let stored = try await service.entry(id).stored
      if stored.state.hasEnded || stored.state == .paused {
        var ending = Ending(state: stored.state, reason: stored.reason)
        let model = folder.appending(path: "coordinator/studies/\(id)/run/models/fedavg.safetensors")
        guard let data = try? Data(contentsOf: ManifestFile.url(forModel: model)) else { return ending }
        let manifest = try ManifestFile(json: data, file: "fedavg.manifest.json")
        ending.manifest = manifest
        ending.review = manifest.verify(
          modelDigest: ParameterDigest.sha256(of: try ParameterFile.read(from: model)),
          fileDigest: try BlobDescriptor.name(of: model), by: authority.authority, at: Date())
        return ending
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}

extension Result where Failure == any Error {
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
