import AuditLog
import Credentials
import CredentialsTesting
import Crypto
import FederatedCore
import FederatedTransport
import Foundation
import Reporting
import StudyAgreement
import StudyProtocol
import TestSupport
import Testing

@testable import ConsiliumCommands
@testable import CoordinatorService
@testable import SiteAgent

/// Tests studies whose members come, go and change their minds.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct StudyLifeTests {
  private let north = SiteID("north")
  private let south = SiteID("south")
  private let west = SiteID("west")

  private func status(_ id: String, _ service: CoordinatorService) async throws -> StudyStatus {
    let status: CoordinatorStatus = try WireJSON.decode(await service.status(of: id), "status")
    return try #require(status.studies.first)
  }

  /// Runs a coordinator without a network, from start to end, so that the next one may use the folder.
  private func withService<R>(
    _ configuration: CoordinatorConfiguration, _ identity: Identity,
    _ body: (CoordinatorService) async throws -> R
  ) async throws -> R {
    let service = try CoordinatorService(configuration, keeper: IdentityKeeper(identity))
    try await service.start()
    let result = try await body(service)
    await service.shutDown()
    return result
  }

  private func wait(
    _ id: String, _ service: CoordinatorService, until isRight: (StudyStatus) -> Bool
  ) async throws {
    while !isRight(try await status(id, service)) { try await Task.sleep(for: .milliseconds(20)) }
  }

  private func hasTrained(_ study: StudyStatus) -> Bool {
    study.arms.contains { $0.name == "fedavg" && $0.round >= 1 } || study.state.hasEnded
  }

  @Test func silentOptionalSiteDoesNotBlockTheStudy() async throws {
    try await withTemporaryFolder { folder in
      var made = try Consortium(in: folder, sites: ["north", "south", "west"])
      (made.sitesClause, made.rounds, made.closed) = ("{required: [north, south]}", 1, [west])
      // The first time also limits the readiness check, which may take a while on a busy machine.
      (made.patience, made.absence) = (.seconds(60), .seconds(1))
      let consortium = made
      let study = try await consortium.withCoordinator { port, service in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for site in consortium.sites.keys {
            group.addTask { try await consortium.agent(of: site, port: port).run() }
          }
          let id = try await consortium.startStudy(port: port)
          // The pages show for which site the study waits, and until when.
          try await wait(id, service) {
            $0.state.hasEnded || $0.waiting?.contains { $0.site == west } == true
          }
          let waits = try await status(id, service).waiting ?? []
          #expect(
            waits.contains { $0.site == west && !$0.isRequired && ($0.dropsAt ?? .distantPast) > $0.since })
          #expect(waits.allSatisfy { $0.isRequired == ($0.dropsAt == nil) })
          try await wait(id, service) { $0.state.hasEnded }
          group.cancelAll()
          return try await status(id, service)
        }
      }
      // Only the site's own baseline is missing.
      #expect(study.state == .failed)
      #expect(study.reason.contains("local-west"), "\(study.reason)")
      let models = folder.appending(path: "coordinator/studies/\(study.id)/run/models")
      let names = try FileManager.default.contentsOfDirectory(atPath: models.path)
      for name in ["fedavg", "local-north", "local-south"] {
        #expect(names.contains("\(name).safetensors"), "\(names)")
      }
    }
  }

  @Test func missingDataPauseTheStudyUntilTheyAreBack() async throws {
    try await withTemporaryFolder { folder in
      var made = try Consortium(in: folder)
      made.rounds = 1
      let consortium = made
      let (table, away) = (folder.appending(path: "south.csv"), folder.appending(path: "away.csv"))
      try FileManager.default.moveItem(at: table, to: away)
      let study = try await consortium.withCoordinator { port, service in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for site in [north, south] {
            group.addTask { try await consortium.agent(of: site, port: port).run() }
          }
          let id = try await consortium.startStudy(port: port)
          try await wait(id, service) { $0.state == .paused || $0.state.hasEnded }
          let paused = try await status(id, service)
          #expect(paused.state == .paused)
          #expect(paused.reason.contains("site 'south': "), "\(paused.reason)")
          #expect(paused.reason.contains("the signatures stay valid"), "\(paused.reason)")
          try FileManager.default.moveItem(at: away, to: table)
          try await consortium.asLead(port: port) { lead in
            _ = try await lead.control(.resume, study: id, reason: "")
          }
          try await wait(id, service) { $0.state == .paused || $0.state.hasEnded }
          group.cancelAll()
          return try await status(id, service)
        }
      }
      #expect(study.state == .finished, "\(study.reason)")
    }
  }

  /// Sites report errors of the study itself, and the study pauses with the reason.
  @Test(arguments: ["fedavg", "cyclic"])
  func divergingRehearsalPausesTheStudy(workflow: String) async throws {
    try await withTemporaryFolder { folder in
      var made = try Consortium(in: folder)
      (made.workflow, made.learningRate) = (workflow, "1e39")
      let consortium = made
      let study = try await consortium.withCoordinator { port, service in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for site in [north, south] {
            group.addTask { try await consortium.agent(of: site, port: port).run() }
          }
          let id = try await consortium.startStudy(port: port)
          try await wait(id, service) { $0.state == .paused || $0.state.hasEnded }
          group.cancelAll()
          return try await status(id, service)
        }
      }
      #expect(study.state == .paused)
      #expect(study.reason.contains("the rehearsal failed, and nothing was trained"), "\(study.reason)")
      #expect(study.reason.contains("lower the learning rate"), "\(study.reason)")
      #expect(study.reason.contains("propose another version"), "\(study.reason)")
      #expect(study.text().contains("the rehearsal failed, and nothing was trained"))
    }
  }

  /// The coordinator considers the site ready and has assigned its step.
  @Test func dataLostAfterReadinessPauseTheRehearsal() async throws {
    try await withTemporaryFolder { folder in
      var made = try Consortium(in: folder)
      // North's hours keep the rehearsal going until south's table is gone.
      (made.rounds, made.closed) = (1, [north])
      let waiting = made
      made.closed = []
      let open = made
      let (table, away) = (folder.appending(path: "south.csv"), folder.appending(path: "away.csv"))
      let study = try await waiting.withCoordinator { port, service in
        func resume(_ id: String) async throws {
          try await open.asLead(port: port) { _ = try await $0.control(.resume, study: id, reason: "") }
        }
        let closed = Task { try await waiting.agent(of: north, port: port).run() }
        let agent = Task { try await waiting.agent(of: south, port: port).run() }
        defer { for task in [closed, agent] { task.cancel() } }
        let id = try await waiting.startStudy(port: port)
        try await wait(id, service) { status in
          status.readiness.count { $0.isReady } == 2 && status.arms.contains { $0.name == "rehearsal" }
        }
        try await open.asLead(port: port) { _ = try await $0.control(.pause, study: id, reason: "") }
        closed.cancel()
        _ = await closed.result
        try FileManager.default.moveItem(at: table, to: away)
        try await resume(id)
        try await wait(id, service) { $0.state == .paused || $0.state.hasEnded }
        let paused = try await status(id, service)
        #expect(paused.state == .paused)
        #expect(paused.reason.contains("the rehearsal failed, and nothing was trained"), "\(paused.reason)")
        #expect(paused.reason.contains("site 'south' is required"), "\(paused.reason)")
        #expect(paused.reason.contains("the signatures stay valid"), "\(paused.reason)")
        #expect(!paused.reason.contains(folder.path), "\(paused.reason)")

        try FileManager.default.moveItem(at: away, to: table)
        let opened = Task { try await open.agent(of: north, port: port).run() }
        defer { opened.cancel() }
        try await resume(id)
        try await wait(id, service) { $0.state == .paused || $0.state.hasEnded }
        return try await status(id, service)
      }
      #expect(study.state == .finished, "\(study.reason)")
    }
  }

  /// `study abort` promises to keep finished rounds.
  @Test func abortedStudyOffersFinishedRounds() async throws {
    try await withTemporaryFolder { folder in
      var made = try Consortium(in: folder)
      made.rounds = 200
      let consortium = made
      let id = try await consortium.withCoordinator { port, service in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for site in [north, south] {
            group.addTask { try await consortium.agent(of: site, port: port).run() }
          }
          let id = try await consortium.startStudy(port: port)
          try await wait(id, service, until: hasTrained)
          try await consortium.asLead(port: port) { lead in
            #expect(try await lead.control(.abort, study: id, reason: "too few patients") == .aborted)
            try await checkPartialResults(of: id, lead)
          }
          group.cancelAll()
          let study = try await status(id, service)
          #expect(study.phase == .aborted && study.ended != nil && study.waiting == [])
          #expect((1..<200).contains(study.round ?? 0))
          return id
        }
      }
      // This must also hold after a restart. Restart on a copy, since this process still has the first log
      // open.
      let copy = folder.appending(path: "copy")
      try FileManager.default.copyItem(at: folder.appending(path: "coordinator"), to: copy)
      try await withService(CoordinatorConfiguration(folder: copy), consortium.coordinator) { service in
        let results = try await service.results(of: id)
        #expect(results.state == .aborted)
        #expect(results.files.contains { $0.path == "models/fedavg.safetensors" })
        let round = try await status(id, service).round ?? 0
        #expect((1..<200).contains(round))
      }
    }
  }

  private func checkPartialResults(of id: String, _ lead: AdministrationClient) async throws {
    let results = try await lead.results(of: id)
    #expect(results.state == .aborted)
    let paths = Set(results.files.map(\.path))
    #expect(paths.isSuperset(of: ["report.html", "report.json", "rounds.csv", "models/fedavg.safetensors"]))
    try await withTemporaryFolder { folder in
      let store = try BlobStore(folder)
      for (path, blob) in results.files where path == "report.json" {
        try await lead.fetch(blob, of: id, into: store)
        let report = try Report(json: Data(contentsOf: store.url(of: blob))).results
        guard case .partial(_, let reason) = report.status else {
          Issue.record("\(report.status)")
          return
        }
        #expect(reason.contains("the study was aborted: too few patients. Finished rounds: "))
        #expect(report.arms.contains { $0.name == "fedavg" && !$0.rounds.isEmpty })
      }
    }
  }

  @Test func lateSignerJoinsWhenTheStudyResumes() async throws {
    try await withTemporaryFolder { folder in
      var made = try Consortium(in: folder)
      (made.sitesClause, made.rounds) = ("{required: [north]}", 30)
      let consortium = made
      let study = try await consortium.withCoordinator { port, service in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for site in [north, south] {
            group.addTask { try await consortium.agent(of: site, port: port).run() }
          }
          let id = try await consortium.startStudy(signedBy: [north], port: port)
          try await wait(id, service, until: hasTrained)
          try await consortium.sign(id, at: south, port: port)
          try await consortium.asLead(port: port) { lead in
            // Each request is made twice, as if the first answer had been lost.
            for _ in 1...2 { #expect(try await lead.control(.pause, study: id, reason: "") == .paused) }
            for _ in 1...2 {
              let state = try await lead.control(.resume, study: id, reason: "")
              #expect(state == .rehearsing || state == .running)
            }
          }
          try await wait(id, service) { $0.state.hasEnded }
          group.cancelAll()
          return try await status(id, service)
        }
      }
      #expect(study.state == .finished, "\(study.reason)")
      let log = try String(contentsOf: folder.appending(path: "agent-south/audit.log"), encoding: .utf8)
      #expect(log.split(separator: "\n").contains { $0.contains("update-released") && $0.contains("fedavg") })
    }
  }

  /// A coordinator that keeps asking gets nothing.
  @Test func localWithdrawalStopsAllReleases() async throws {
    try await withTemporaryFolder { folder in
      var made = try Consortium(in: folder)
      made.rounds = 200
      let consortium = made
      try await consortium.withCoordinator { port, service in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for site in [north, south] {
            group.addTask { try await consortium.agent(of: site, port: port).run() }
          }
          let id = try await consortium.startStudy(port: port)
          try await wait(id, service, until: hasTrained)
          // Do not tell the coordinator.
          try AgentFolder(folder.appending(path: "agent-south")).removeAgreement(id)
          func released() throws -> Int {
            try String(contentsOf: folder.appending(path: "agent-south/audit.log"), encoding: .utf8)
              .components(separatedBy: "-released").count
          }
          // Updates that were already being sent may still be entered.
          var (before, after) = (-1, try released())
          while before != after {
            try await Task.sleep(for: .seconds(1))
            (before, after) = (after, try released())
          }
          let study = try await status(id, service)
          #expect(!study.state.hasEnded)
          #expect(study.arms.first { $0.name == "fedavg" }?.round ?? 200 < 200)
          group.cancelAll()
        }
      }
    }
  }

  @Test func simultaneousDecisionsAreAllRecorded() async throws {
    try await withTemporaryFolder { folder in
      let names = (1...8).map { "site\($0)" }
      let consortium = try Consortium(in: folder, sites: names)
      let configuration = CoordinatorConfiguration(folder: folder.appending(path: "coordinator"))
      let data = try consortium.proposal()
      let proposal: StudyProposal = try WireJSON.decode(data, "the proposal")
      let id = try await withService(configuration, consortium.coordinator) { service in
        let id = try await service.propose(data, by: consortium.lead.party)
        try await withThrowingTaskGroup(of: Void.self) { group in
          for (site, identity) in consortium.sites {
            let statement = try DecisionStatement.signed(proposal, site: site, policy: "", data: "")
            let signed = try Signed(statement) { (data) throws(ConsiliumError) in
              try identity.sign(data, at: Date())
            }
            group.addTask { try await service.decide(try WireJSON.encode(signed), study: id, from: site) }
          }
          try await group.waitForAll()
        }
        #expect(try await status(id, service).state == .ready)
        return id
      }

      // The process was killed before the state was saved.
      let database = try CoordinatorDatabase(configuration.database)
      try database.apply(StudyChange(state: .proposed), to: id)
      try database.close()
      let state = try await withService(configuration, consortium.coordinator) { service in
        try await status(id, service).state
      }
      #expect(state == .ready)
    }
  }

  /// The study is paused, and cannot be resumed.
  @Test func studyWithACompromisedLeadDoesNotPreventStart() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try Consortium(in: folder)
      let configuration = CoordinatorConfiguration(folder: folder.appending(path: "coordinator"))
      let id = try await withService(configuration, consortium.coordinator) { service in
        try await service.propose(try consortium.proposal(), by: consortium.lead.party)
      }
      let database = try CoordinatorDatabase(configuration.database)
      try database.apply(StudyChange(state: .running), to: id)
      try database.close()

      let list = try consortium.authority.revoking([consortium.lead])
      let hub = consortium.coordinator
      let knowing = try Identity(
        certificatePEM: hub.certificatePEM,
        privateKey: P256.Signing.PrivateKey(pemRepresentation: hub.privateKeyPEM),
        authority: try hub.authority.updated(with: list))
      try await withService(configuration, knowing) { service in
        let study = try await status(id, service)
        #expect(study.state == .paused)
        #expect(study.reason.contains("is no longer valid"), "\(study.reason)")
        let operators = Party(role: .operator, name: "brandt")
        await #expect(throws: ConsiliumError.self) {
          try await service.control(.resume, study: id, reason: "", by: operators)
        }
        #expect(try await status(id, service).state == .paused)
      }
    }
  }
}
