import AuditLog
import FederatedCore
import FederatedTransport
import Foundation
import Reporting
import RunStore
import StudyAgreement
import StudyProtocol
import StudyRuns
import TestSupport
import Testing

@testable import CoordinatorService

/// Tests sites, coordinator and study lead over mutual TLS, from the proposal to the models.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct WholeFederationTests {
  @Test(arguments: ["fedavg", "scaffold", "cyclic"])
  func endsWithTheSimulatorsModels(workflow: String) async throws {
    try await withTemporaryFolder { folder in
      var consortium = try Consortium(in: folder)
      consortium.workflow = workflow
      let expected = try await consortium.simulated()
      let study = try await ending(consortium)
      #expect(study.state == .finished, "\(study.reason)")
      #expect(try manifests(in: run(study, folder).appending(path: "models")) == expected)
      #expect(try openToOthers(in: folder.appending(path: "coordinator")) == [])
      for site in consortium.sites.keys {
        #expect(try openToOthers(in: folder.appending(path: "agent-\(site)")) == [])
        let answers = try answers(of: site, in: folder)
        #expect(answers == (try plannedAnswers(of: site, in: consortium)), "the answers of \(site)")
      }
    }
  }

  /// Orders and draws follow from the agreement, at the coordinator, at the sites and in the simulator alike.
  @Test(arguments: [
    ("cyclic", "{name: cyclic, order: random}"), ("fedavg", "fedavg, sampling: {sites: 1}"),
    ("ciil", "{name: ciil, most-turns: 3}"),
  ])
  func agreedPlansEndWithTheSimulatorsModels(workflow: String, clause: String) async throws {
    try await withTemporaryFolder { folder in
      var consortium = try Consortium(in: folder)
      (consortium.workflow, consortium.workflowClause) = (workflow, clause)
      let expected = try await consortium.simulated()
      let study = try await ending(consortium)
      #expect(study.state == .finished, "\(study.reason)")
      #expect(try manifests(in: run(study, folder).appending(path: "models")) == expected)
      guard clause.contains("sampling") else { return }
      let updates = try consortium.sites.keys.map { site in
        try answers(of: site, in: folder).count { $0.hasPrefix("update-released fedavg") }
      }
      #expect(updates.sorted() == [1, 2], "one of two sites trains in each of three rounds")
    }
  }

  /// The coordinator's engine computes the middle of the model; the simulator trains the whole model.
  @Test(arguments: ["fedavg", "scaffold", "cyclic"])
  func splitModelIsTheSimulatorsWholeModel(workflow: String) async throws {
    try await withTemporaryFolder { folder in
      var consortium = try Consortium(in: folder)
      (consortium.workflow, consortium.cut, consortium.hostsModels) = (workflow, "hidden1", true)
      let expected = try await consortium.simulated()
      let study = try await ending(consortium)
      #expect(study.state == .finished, "\(study.reason)")
      #expect(try manifests(in: run(study, folder).appending(path: "models")) == expected)
      for site in consortium.sites.keys {
        #expect(try answers(of: site, in: folder) == (try plannedAnswers(of: site, in: consortium)))
      }
    }
  }

  @Test func coordinatorWithoutAnEngineRefusesASplitModel() async throws {
    try await withTemporaryFolder { folder in
      var consortium = try Consortium(in: folder)
      consortium.cut = "hidden1"
      try await consortium.withCoordinator { [consortium] port, _ in
        let error = await #expect(throws: ConsiliumError.self) {
          try await consortium.asLead(port: port) { try await consortium.propose($0) }
        }
        #expect(error?.message.contains("install the package consilium-engine at the coordinator") == true)
      }
    }
  }

  /// Everything that the log of a site says was released, one line for each answer.
  private func answers(of site: SiteID, in folder: URL) throws -> [String] {
    var reader = try AuditReader(folder.appending(path: "agent-\(site)"))
    var answers: [String] = []
    while let entry = try reader.next()?.entry {
      guard entry.kind.hasSuffix("-released"), entry.action != .modelReleased else { continue }
      answers.append("\(entry.kind) \(entry.subject.arm ?? "-") \(entry.subject.round ?? 0)")
    }
    return answers.sorted()
  }

  /// What a site answers in a whole study: in each round of its arms an update and a validation, in the
  /// rehearsal one of each, and one test for each final model.
  private func plannedAnswers(of site: SiteID, in consortium: Consortium) throws -> [String] {
    let plan = try NetworkPlan(Study(yaml: consortium.studyText), members: Array(consortium.sites.keys))
    var answers = ["update-released rehearsal 1", "evaluation-released rehearsal 1"]
    for model in plan.models where plan.members(of: model).contains(site) {
      for round in 1...consortium.rounds {
        answers += ["update-released \(model.name) \(round)", "evaluation-released \(model.name) \(round)"]
      }
    }
    answers += (1...plan.models.count).map { "evaluation-released \(NetworkPlan.tests) \($0)" }
    return answers.sorted()
  }

  @Test func everySiteStartsFromTheLeadsWeights() async throws {
    try await withTemporaryFolder { folder in
      var consortium = try Consortium(in: folder)
      let fromSeed = try await consortium.simulated()
      let trained = folder.appending(path: "simulated-new/models/fedavg.safetensors")
      try FileManager.default.copyItem(at: trained, to: folder.appending(path: "start.safetensors"))
      consortium.initialWeights = "start.safetensors"
      let expected = try await consortium.simulated()
      #expect(Set(expected.values).isDisjoint(with: fromSeed.values))
      let study = try await ending(consortium)
      #expect(study.state == .finished, "\(study.reason)")
      #expect(try manifests(in: run(study, folder).appending(path: "models")) == expected)
    }
  }

  @Test func studyWaitsForItsWeights() async throws {
    try await withTemporaryFolder { folder in
      var consortium = try Consortium(in: folder)
      _ = try await consortium.simulated()
      let start = folder.appending(path: "start.safetensors")
      try FileManager.default.copyItem(
        at: folder.appending(path: "simulated-new/models/fedavg.safetensors"), to: start)
      consortium.initialWeights = start.lastPathComponent
      try await consortium.withCoordinator { [consortium] port, _ in
        try await consortium.asLead(port: port) { lead in
          // The lead's computer is switched off before it has sent the file.
          let id = try await lead.propose(consortium.proposal(at: Date(timeIntervalSinceNow: -60)))
          for site in consortium.sites.keys { try await consortium.sign(id, at: site, port: port) }
          let error = await #expect(throws: ConsiliumError.self) {
            try await consortium.start(id, lead)
          }
          #expect(error?.message.contains("its file of initial weights is incomplete") == true)
          #expect(try await consortium.propose(lead) == id)
          #expect(try await consortium.start(id, lead) == .rehearsing)
        }
      }
    }
  }

  /// A site clips its update by the study's own bound, also in the arm of one site alone.
  @Test func clippedUpdatesYieldTheSimulatorsModels() async throws {
    try await withTemporaryFolder { folder in
      var consortium = try Consortium(in: folder)
      let plain = try await consortium.simulated()
      consortium.privacy = "{clip-norm: 0.01}"
      let clipped = try await consortium.simulated("clipped")
      #expect(clipped.keys == plain.keys && clipped.allSatisfy { plain[$0.key] != $0.value })
      let study = try await ending(consortium)
      #expect(study.state == .finished, "\(study.reason)")
      #expect(try manifests(in: run(study, folder).appending(path: "models")) == clipped)
    }
  }

  /// The models are the same, but the results lack what the site withholds.
  @Test func siteMayWithholdItsOwnFigures() async throws {
    try await withTemporaryFolder { folder in
      var consortium = try Consortium(in: folder)
      let south = SiteID("south")
      consortium.selection = "last"
      consortium.releases[south] = .init(minimumPatients: 6, perSiteMetrics: false)
      let expected = try await consortium.simulated()
      let study = try await ending(consortium)
      #expect(study.state == .finished, "\(study.reason)")
      #expect(try manifests(in: run(study, folder).appending(path: "models")) == expected)
      let results = try Report(
        json: Data(contentsOf: run(study, folder).appending(path: "report.json"))
      ).results
      // Of 18 patients, 5 are for test and 4 for validation.
      #expect(results.sites.first { $0.site == south }?.parts.map(\.part) == [.training])
      for arm in results.arms {
        for round in arm.rounds {
          for training in round.training {
            #expect((training.summary.loss == nil) == (training.site == south))
          }
        }
        for result in arm.models.flatMap(\.test) {
          #expect(result.evaluation.metrics.isEmpty == (result.site == south))
          #expect(result.evaluation.patientCount == 0 || result.site != south)
        }
      }
    }
  }

  /// A policy has the same effect on a simulated site, down to each number.
  @Test func theSimulatorWithholdsWhatRealSitesWithhold() async throws {
    try await withTemporaryFolder { folder in
      var consortium = try Consortium(in: folder)
      consortium.selection = "last"
      consortium.report = "{statistics: true}"
      consortium.releases[SiteID("north")] = .init(
        metrics: [.accuracy], minimumPatients: 3, calibration: false)
      consortium.releases[SiteID("south")] = .init(minimumPatients: 5, intervals: false)
      let simulated = try await consortium.simulatedUnderPolicies().withoutReplicates()
      let study = try await ending(consortium)
      #expect(study.state == .finished, "\(study.reason)")
      let real = try Report(json: Data(contentsOf: run(study, folder).appending(path: "report.json"))).results
      #expect(real.sites.map(\.parts) == simulated.sites.map(\.parts))
      #expect(real.arms.map { $0.models.map(sent) } == simulated.arms.map { $0.models.map(sent) })
      for (one, other) in zip(real.arms.flatMap(\.rounds), simulated.arms.flatMap(\.rounds)) {
        #expect(one.training.map(\.summary.loss) == other.training.map(\.summary.loss))
        #expect(one.validation == other.validation)
      }
      let statistics = try #require(real.statistics)
      #expect(statistics == simulated.statistics)
      #expect(statistics.sites.map(\.minimum) == [3, 5])
      #expect(statistics.items.contains { $0.pooled?.mean != nil })
      for site in consortium.sites.keys {
        let log = try String(contentsOf: folder.appending(path: "agent-\(site)/audit.log"), encoding: .utf8)
        // One entry for each of the two questions.
        #expect(log.components(separatedBy: "statistics-released").count == 3)
      }
      let tests = simulated.arms.flatMap(\.models).flatMap(\.test)
      #expect(tests.contains { $0.evaluation.metrics.map(\.name) == ["accuracy"] })
    }
  }

  /// The test results of a model. Over the network, no comparisons and an empty list are the same.
  private func sent(_ model: ModelResults) -> [SiteResult] {
    model.test.map { result in
      var result = result
      if result.evaluation.comparisons?.isEmpty == true { result.evaluation.comparisons = nil }
      return result
    }
  }

  @Test func siteBelowItsMinimumPatientsDoesNotTrain() async throws {
    try await withTemporaryFolder { folder in
      var consortium = try Consortium(in: folder)
      // South has 18 patients, some of whom are for validation and test.
      consortium.releases[SiteID("south")] = .init(minimumPatients: 18)
      let study = try await ending(consortium)
      #expect(study.state != .finished)
      #expect(
        study.reason.contains("south") && study.reason.contains("too few training patients"),
        "\(study.reason)")
      let log = try String(contentsOf: folder.appending(path: "agent-south/audit.log"), encoding: .utf8)
      #expect(!log.contains("update-released"))
    }
  }

  /// If the model of a round is also gone, the sites' signatures in the next round still state its file's
  /// digest.
  @Test func lostManifestsAreSignedAgain() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try Consortium(in: folder)
      let study = try await ending(consortium)
      let configuration = CoordinatorConfiguration(folder: folder.appending(path: "coordinator"))
      let database = try CoordinatorDatabase(configuration.database)
      let agreement = try #require(try database.studies().first?.agreement)
      let plan = try NetworkPlan(
        Study(yaml: consortium.studyText), members: agreement.proposal.statement.invited)
      let agreed = try Dictionary(
        uniqueKeysWithValues: plan.members.map { ($0, try agreement.proposal.statement.digest()) })
      let store = try RunStore(
        run(study, folder),
        for: RunDefinition(
          study: Study(yaml: consortium.studyText), studyText: agreement.proposal.text, agreedSites: agreed,
          arms: plan.arms), resume: true)
      let audit = try AuditLog(
        file: folder.appending(path: "another.log"), owner: consortium.coordinator.party, sealing: nil,
        at: Date())
      func rounds(from initial: String) throws -> SignedRounds {
        SignedRounds(
          store: store, database: database, audit: audit, identity: { consortium.coordinator },
          study: study.id,
          digest: try Study(yaml: consortium.studyText).digest(),
          definition: try Study(yaml: consortium.studyText), proposal: agreement.proposal.statement,
          initialModel: initial, now: { Date() }, offered: { _, _ in "" }, shown: { _, _ in },
          committed: { _ in })
      }
      let before = try rounds(from: "").manifests(of: "fedavg")
      #expect(before.count == 3)
      let first = try #require(before.first?.statement)
      for file in [store.folder.checkpoint(first.modelAfter), store.folder.manifests(of: "fedavg")] {
        try FileManager.default.removeItem(at: file)
      }
      let mended = try rounds(from: first.modelBefore)
      _ = try await mended.lastCheckpoint(of: "fedavg")
      let after = try mended.manifests(of: "fedavg")
      #expect(after.map(\.statement.round) == [1, 2, 3])
      for (old, new) in zip(before.map(\.statement), after.map(\.statement)) {
        #expect(new.modelBefore == old.modelBefore && new.modelAfter == old.modelAfter)
        #expect(new.fileBefore == old.fileBefore && new.fileAfter == old.fileAfter)
        #expect(new.contributions == old.contributions && !new.contributions.isEmpty)
      }
      try await store.close()
    }
  }

  /// The coordinator's other studies must continue.
  @Test func lostResultsDoNotPreventStart() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try Consortium(in: folder)
      let study = try await ending(consortium)
      let copy = folder.appending(path: "copy")
      try FileManager.default.copyItem(at: folder.appending(path: "coordinator"), to: copy)
      try FileManager.default.removeItem(
        at: copy.appending(path: "studies/\(study.id)/run/models/fedavg.safetensors"))
      let service = try CoordinatorService(
        CoordinatorConfiguration(folder: copy), keeper: IdentityKeeper(consortium.coordinator))
      try await service.start()
      let status: CoordinatorStatus = try WireJSON.decode(await service.status(of: study.id), "status")
      #expect(status.studies.first?.state == .finished)
      #expect(status.studies.first?.reason.contains("its results cannot be offered") == true)
      await service.shutDown()
    }
  }

  /// The site simply continues its calls. If it did not join again, the new coordinator would consider it
  /// away.
  @Test func siteRejoinsARestartedCoordinator() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try Consortium(in: folder)
      let service = try CoordinatorService(
        CoordinatorConfiguration(folder: folder.appending(path: "coordinator")),
        keeper: IdentityKeeper(consortium.coordinator))
      let north = SiteID("north")
      let first = try #require(try await service.studies(of: north, known: 0, process: "folder/start"))
      #expect(first.joinsAgain)
      // The site receives its news without waiting.
      let second = try await service.studies(of: north, known: first.revision, process: "folder/start")
      #expect(second?.joinsAgain == true)
      _ = try await service.join(
        SiteHello(
          programVersion: consiliumVersion, clock: Date(), process: "folder/start",
          certificate: try #require(consortium.sites[north]).certificate), from: north)
      let third = try #require(try await service.studies(of: north, known: 0, process: "folder/start"))
      #expect(!third.joinsAgain)
      await service.shutDown()
    }
  }

  /// Runs the consortium's study from its proposal to its end.
  private func ending(_ consortium: Consortium) async throws -> StudyStatus {
    try await consortium.withCoordinator { port, _ in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for site in consortium.sites.keys {
          group.addTask { try await consortium.agent(of: site, port: port).run() }
        }
        let id = try await consortium.startStudy(port: port)
        let ending = try await consortium.asLead(port: port) { try await consortium.ending(of: id, $0) }
        group.cancelAll()
        return ending
      }
    }
  }

  private func run(_ study: StudyStatus, _ folder: URL) -> URL {
    folder.appending(path: "coordinator/studies/\(study.id)/run")
  }

  private func manifests(in folder: URL) throws -> [String: String] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    var digests: [String: String] = [:]
    for name in names where name.hasSuffix(".manifest.json") {
      let data = try Data(contentsOf: folder.appending(path: name))
      let manifest = try ManifestFile(json: data, file: name)
      digests[name.replacing(".manifest.json", with: ".safetensors")] = manifest.model
    }
    return digests
  }
}
