import CoordinatorService
import Credentials
import CredentialsTesting
import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import Logging
import Reporting
import ServiceLifecycle
import Simulator
import SiteAgent
import StudyAgreement
import TestSupport
import Testing

@testable import ConsiliumCommands
@testable import StudyProtocol

/// A consortium on this machine, with real TLS and real workers: two sites with small generated tables, a
/// study lead and a coordinator.
struct Consortium: Sendable {
  let folder: URL
  let authority: TestAuthority
  let coordinator: Identity
  let lead: Identity
  let sites: [SiteID: Identity]
  var rounds = 3
  var workflow = "fedavg"
  /// The workflow as the study file states it, with what follows it; `nil` for its name alone.
  var workflowClause: String?
  var selection = "validation"
  var learningRate = "0.05"
  /// The file of initial weights that the study names, next to the sites' tables; `nil` for none.
  var initialWeights: String?
  /// The study's section `privacy`, in YAML.
  var privacy = "{}"
  /// The study's section `report`, in YAML.
  var report = "{}"
  /// The study's clause about its sites, in YAML; `nil` if all are required.
  var sitesClause: String?
  /// The place where the model is cut; `nil` for a model that each site trains whole.
  var cut: String?
  /// Whether the coordinator has an engine for the middle of split models.
  var hostsModels = false
  /// The time for which a round waits for optional sites.
  var patience = Duration.seconds(900)
  /// The time for which work that needs only an optional site waits for that site.
  var absence = Duration.seconds(900)
  /// The sites whose training hours exclude the present.
  var closed: Set<SiteID> = []
  /// The releases that each site's policy allows. Sites not named here also release figures based on few
  /// patients: without these figures, a different round would be the best.
  var releases: [SiteID: SitePolicy.Release] = [:]

  init(in folder: URL, sites: [String] = ["north", "south"]) throws {
    self.folder = folder
    authority = try TestAuthority(consortium: "clinic")
    coordinator = try authority.identity(.coordinator, "hub")
    lead = try authority.identity(.lead, "lead")
    let authority = authority
    self.sites = try Dictionary(
      uniqueKeysWithValues: sites.map { (SiteID($0), try authority.identity(.site, $0)) })
    for (index, site) in sites.enumerated() {
      var generator = RandomStream(seed: UInt64(index + 1))
      let rows = ClinicTable.rows(max(12, 24 - 6 * index), from: &generator)
      try ClinicTable.write(rows, to: folder.appending(path: "\(site).csv"))
    }
  }

  var studyText: String {
    var study = ClinicStudy()
    study.initialWeights = initialWeights
    // SCAFFOLD requires plain SGD.
    study.optimizer = "{name: \(workflow == "scaffold" ? "sgd" : "adam"), learning-rate: \(learningRate)}"
    study.workflow = workflowClause ?? workflow
    if let cut {
      study.hidden = "[6, 5, 4]"
      study.workflow += ", split: {cut: \(cut), checks: 1}"
    }
    study.rounds = rounds
    study.sites = sitesClause ?? "{}"
    study.selection = selection
    study.evaluation = ["bootstrap: {replicates: 20}", "baselines: [local]"]
    study.privacy = privacy
    study.report = report
    return study.text
  }

  func definition(of site: SiteID) -> SiteDefinition {
    SiteDefinition(
      name: site, table: SiteTable(source: .csv(file: "\(site).csv", columns: nil, delimiter: nil)))
  }

  /// Simulates the study, and returns the SHA-256 of each model by file name.
  func simulated(_ run: String = "simulated") async throws -> [String: String] {
    Dictionary(
      uniqueKeysWithValues: try await simulation(run).arms.flatMap(\.models).map {
        (String($0.file.dropFirst("models/".count)), $0.digest)
      })
  }

  /// The simulator's results with the agents' policies.
  func simulatedUnderPolicies() async throws -> StudyResults {
    let policies = sites.keys.map { ($0, policy(of: $0)) }
    return try await simulation("under-policies", Dictionary(uniqueKeysWithValues: policies))
  }

  private func simulation(_ run: String, _ policies: [SiteID: SitePolicy] = [:]) async throws -> StudyResults
  {
    let study = try Study(yaml: studyText)
    return try await Simulation(
      SimulationConfiguration(
        study: study, studyText: studyText, sites: sites.keys.sorted().map(definition), dataRoot: folder,
        runFolder: folder.appending(path: "\(run)-\(initialWeights ?? "new")"), arms: ["local", workflow],
        workers: 2, initialWeights: weightsFile, policies: policies, command: "test")
    ).run().results
  }

  private func policy(of site: SiteID) -> SitePolicy {
    SitePolicy(
      release: releases[site] ?? SitePolicy.Release(minimumPatients: 1, activations: cut != nil))
  }

  /// Runs `body` with a coordinator, and passes it the port.
  func withCoordinator<R: Sendable>(
    port: Int = 0, _ body: @escaping @Sendable (Int, CoordinatorService) async throws -> R
  ) async throws -> R {
    let service = try CoordinatorService(
      CoordinatorConfiguration(
        folder: folder.appending(path: "coordinator"), patience: patience, absence: absence,
        engine: hostsModels ? .init(worker: WorkerConfiguration.besideThisProgram()) : nil),
      keeper: IdentityKeeper(coordinator))
    let server = FederationServer(
      .init(host: "127.0.0.1", port: port), identity: coordinator,
      gate: PeerAuthenticator(coordinator.authority),
      coordination: service, administration: service)
    let (ports, listening) = AsyncStream<Int>.makeStream()
    let life = ServiceGroup(
      services: [FederationLife(service: service, server: server) { listening.yield($0) }],
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { listening.finish() }
        try await life.run()
      }
      guard let port = await ports.first(where: { _ in true }) else {
        try await group.next()
        throw ConsiliumError(.unavailable, "the server ended")
      }
      let result = await Result { try await body(port, service) }
      await life.triggerGracefulShutdown()
      try await group.next()
      return try result.get()
    }
  }

  /// Creates a site's agent with a separate folder for everything.
  func agent(of site: SiteID, port: Int) throws -> SiteAgent {
    var policy = policy(of: site)
    if closed.contains(site) { policy.hours = .inThreeDays }
    guard let identity = sites[site] else { throw ConsiliumError(.invalidInput, "no site \(site)") }
    let agentFolder = folder.appending(path: "agent-\(site)")
    return try SiteAgent(
      AgentConfiguration(
        folder: agentFolder, identityFolder: agentFolder,
        coordinator: ClientConfiguration(host: "127.0.0.1", port: port), policy: policy),
      keeper: IdentityKeeper(identity),
      log: { FileHandle.standardError.write(Data("agent \(site): \($0)\n".utf8)) })
  }

  /// Signs a study for a site, as its staff would.
  func sign(_ id: String, at site: SiteID, port: Int) async throws {
    guard let identity = sites[site] else { return }
    let agent = try AgentFolder(folder.appending(path: "agent-\(site)"))
    try await NetworkLink.with(ClientConfiguration(host: "127.0.0.1", port: port), identity: identity) {
      link in
      let client = CoordinatorClient(link, process: try agent.process())
      let notice = try await client.studies(known: 0).studies.first { $0.study == id }
      let proposal: StudyProposal = try WireJSON.decode(notice?.proposal ?? Data(), "the proposal")
      let statement = try DecisionStatement.signed(
        proposal, site: site, revision: try agent.nextRevision(id), policy: "", data: "")
      let signed = try Signed(statement) { (data) throws(ConsiliumError) in
        try identity.sign(data, at: Date())
      }
      try agent.save(
        AgreedStudy(proposal, site: try definition(of: site).canonicalJSON(), dataRoot: folder.path), id)
      try await client.decide(try WireJSON.encode(signed), study: id)
      try DecisionLog(agent).keep(signed, about: id)
    }
  }

  /// Proposes the study, has the given sites (by default, all) sign it, and starts it. Returns its ID.
  func startStudy(signedBy signers: [SiteID]? = nil, port: Int) async throws -> String {
    try await asLead(port: port) { lead in
      let id = try await propose(lead)
      for site in signers ?? Array(sites.keys) { try await sign(id, at: site, port: port) }
      #expect(try await start(id, lead) == .rehearsing)
      return id
    }
  }

  /// Signs the start and sends it, as the lead's command does.
  @discardableResult
  func start(_ id: String, _ client: AdministrationClient) async throws -> StudyState {
    try await client.control(
      .start, study: id, reason: "", start: try await StudyStart.sign(id, until: nil, client, lead))
  }

  @discardableResult
  func start(_ id: String, port: Int) async throws -> StudyState {
    try await asLead(port: port) { try await start(id, $0) }
  }

  func asLead<R: Sendable>(port: Int, _ body: @escaping @Sendable (AdministrationClient) async throws -> R)
    async throws
    -> R
  {
    try await NetworkLink.with(ClientConfiguration(host: "127.0.0.1", port: port), identity: lead) { link in
      try await body(AdministrationClient(link))
    }
  }

  func proposal(at time: Date = Date()) throws -> Data {
    try WireJSON.encode(
      try StudyProposal(
        text: studyText, invited: sites.keys.sorted(),
        initialModel: try weightsFile.map { try BlobDescriptor.name(of: $0) }, at: time
      ) { (data) throws(ConsiliumError) in try lead.sign(data, at: Date()) })
  }

  private var weightsFile: URL? { initialWeights.map { folder.appending(path: $0) } }

  /// Proposes the study and sends its weights, as the lead's command does. Returns its ID.
  func propose(_ client: AdministrationClient) async throws -> String {
    let id = try await client.propose(proposal())
    let study = try Study(yaml: studyText)
    if let weights = try ProposedWeights(of: study, beside: folder.appending(path: "study.yaml")) {
      defer { weights.remove() }
      try await client.send(weights: weights.blob, of: id, from: weights.store)
    }
    return id
  }

  /// Waits until a study has ended or is paused, and returns its status.
  func ending(of id: String, _ client: AdministrationClient) async throws -> StudyStatus {
    while true {
      let status: CoordinatorStatus = try WireJSON.decode(try await client.status(of: id), "status")
      if let study = status.studies.first, study.state.hasEnded || study.state == .paused {
        return study
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }
}

extension TrainingHours {
  /// Training hours that begin in a few days.
  fileprivate static var inThreeDays: Self {
    // Weekdays are numbered from Sunday, which is 1.
    let today = Calendar.current.component(.weekday, from: Date()) + 5
    return Self(windows: [Window(days: [Window.Day.allCases[(today + 3) % 7]], start: 0, end: 60)])
  }
}

extension Result where Failure == any Error {
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
