import FederatedCore
import FederatedTransport
import Foundation
import TestSupport
import Testing

@testable import ConsiliumCommands
@testable import CoordinatorService
@testable import SiteAgent

/// Reports of sites that cannot continue: what the study lead reads, and what stays at the site.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct SiteTroubleTests {
  private let north = SiteID("north")
  private let south = SiteID("south")

  /// Runs both agents of a consortium while `body` runs.
  private func withAgents(
    of consortium: Consortium,
    _ body: @escaping @Sendable (_ port: Int, _ service: CoordinatorService) async throws -> Void
  ) async throws {
    try await consortium.withCoordinator { port, service in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for site in [north, south] {
          group.addTask { try await consortium.agent(of: site, port: port).run() }
        }
        try await body(port, service)
        group.cancelAll()
      }
    }
  }

  /// Returns the first study once `isRight` accepts it, or it has ended.
  private func wait(
    _ id: String, _ service: CoordinatorService, until isRight: (StudyStatus) -> Bool
  ) async throws -> StudyStatus {
    while true {
      let status: CoordinatorStatus = try WireJSON.decode(await service.status(of: id), "status")
      let study = try #require(status.studies.first)
      if isRight(study) || study.state.hasEnded || study.state == .paused { return study }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  private func control(_ action: StudyAction, _ id: String, _ consortium: Consortium, port: Int)
    async throws
  {
    try await consortium.asLead(port: port) { lead in
      _ = try await lead.control(action, study: id, reason: "")
    }
  }

  /// The engine reports the divergence when the rehearsal's model is validated.
  @Test func divergenceReachesTheLeadWithAdvice() async throws {
    try await withTemporaryFolder { folder in
      var made = try Consortium(in: folder)
      made.learningRate = "1e30"
      let consortium = made
      try await withAgents(of: consortium) { port, service in
        let id = try await consortium.startStudy(port: port)
        let study = try await wait(id, service) { $0.state == .paused }
        #expect(study.state == .paused)
        #expect(
          study.reason.contains("so its training has diverged; lower the learning rate"), "\(study.reason)")
        #expect(!study.reason.contains("the engine failed"), "\(study.reason)")
        #expect(!study.reason.contains(folder.path), "\(study.reason)")
      }
    }
  }

  /// The agent's note is shown while the others wait, and disappears with the next round.
  @Test func siteReportsThatItCannotContinueAndRecovers() async throws {
    try await withTemporaryFolder { folder in
      var made = try Consortium(in: folder)
      made.rounds = 1000
      let consortium = made
      try await withAgents(of: consortium) { port, service in
        let id = try await consortium.startStudy(port: port)
        _ = try await wait(id, service) { $0.arms.contains { $0.name == "fedavg" && $0.round >= 1 } }
        let agreement = try AgentFolder(folder.appending(path: "agent-south")).study(id)
          .appending(path: "agreed.json")
        let whole = try Data(contentsOf: agreement)
        try Data("{".utf8).write(to: agreement)
        let waiting = try await wait(id, service) { $0.reason.contains("cannot continue") }
        #expect(waiting.state == .running)
        #expect(
          waiting.reason
            == "site 'south' cannot continue: a file or the disk could not be used; the agent's log "
            + "at the site has the details; it retries automatically")
        let round = waiting.arms.first { $0.name == "fedavg" }?.round ?? .max
        try whole.write(to: agreement)
        let going = try await wait(id, service) { study in
          study.reason.isEmpty && study.arms.contains { $0.name == "fedavg" && $0.round > round + 1 }
        }
        #expect(going.state == .running && going.reason.isEmpty)
        try await control(.abort, id, consortium, port: port)
      }
    }
  }

  /// The fault stops the site before it begins its work.
  @Test func siteThatCannotBeginPausesTheStudyWithTheKindOfError() async throws {
    try await withTemporaryFolder { folder in
      var made = try Consortium(in: folder)
      made.rounds = 1
      let consortium = made
      try await consortium.withCoordinator { port, service in
        let id = try await consortium.startStudy(port: port)
        let agreement = try AgentFolder(folder.appending(path: "agent-south")).study(id)
          .appending(path: "agreed.json")
        let whole = try Data(contentsOf: agreement)
        try Data("{".utf8).write(to: agreement)
        let agents = [north, south].map { site in
          Task { try await consortium.agent(of: site, port: port).run() }
        }
        defer { for agent in agents { agent.cancel() } }
        let paused = try await wait(id, service) { $0.state == .paused }
        #expect(paused.state == .paused)
        #expect(
          paused.reason.contains("site 'south': a file or the disk could not be used"), "\(paused.reason)")
        #expect(!paused.reason.contains("agreed.json"), "\(paused.reason)")
        try whole.write(to: agreement)
        try await control(.resume, id, consortium, port: port)
        let ended = try await wait(id, service) { $0.state == .paused }
        #expect(ended.state == .finished, "\(ended.reason)")
      }
    }
  }
}
