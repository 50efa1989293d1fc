import AdversaryTesting
import AuditLog
import Credentials
import FederatedCore
import FederatedTransport
import Foundation
import StudyAgreement
import Synchronization
import TestSupport
import Testing

@testable import SiteAgent

/// A real agent works only under an agreement that it has verified by itself.
struct LyingServerTests {
  private static let id = "clinic-v1"

  /// A mandate with a fault, and the message that the operator reads.
  struct Fault: Sendable, CustomTestStringConvertible {
    var message: String
    var mandate: @Sendable (HonestConsortium) throws -> StudyMandate?
    var testDescription: String { message }
  }

  static let faults = [
    Fault(message: "no valid signature of the required site 'south'; work begins only once all required") {
      StudyMandate(decisions: [$0.decisions[0]], start: try $0.start())
    },
    Fault(message: "no valid signature of the required site 'north', 'south'; work begins only once") { _ in
      nil
    },
    Fault(message: "the coordinator shows no start that a study lead has signed") {
      StudyMandate(decisions: $0.decisions)
    },
    Fault(message: "the start of the study is invalid: it was signed by coordinator/hub; expected a lead") {
      StudyMandate(decisions: $0.decisions, start: try $0.start(by: $0.coordinator))
    },
    Fault(message: "the lead's start was valid until") {
      StudyMandate(decisions: $0.decisions, start: try $0.start(until: Date(timeIntervalSinceNow: -5)))
    },
    Fault(message: "the lead's start is about another study") {
      var other = ClinicStudy()
      other.seed += 1
      return StudyMandate(decisions: $0.decisions, start: try HonestConsortium(other, like: $0).start())
    },
  ]

  @Test(arguments: faults) func siteWorksOnlyUnderACompleteMandate(fault: Fault) async throws {
    let consortium = try HonestConsortium()
    let mandate = try fault.mandate(consortium)
    try await withAgent(in: consortium, state: .running, mandate) { server, folder, log in
      let report = try #require(await server.reports(atLeast: 1).first)
      #expect(
        report.obstacles.count == 1 && report.obstacles[0].contains(fault.message), "\(report.obstacles)")
      #expect(report.data == nil, "the data were read")
      #expect(log().contains { $0.contains(fault.message) })
      #expect(try folder.course(Self.id) == StudyCourse())
    }
  }

  @Test func endedStudyIsNotBegunAgain() async throws {
    let consortium = try HonestConsortium()
    try await withAgent(in: consortium, state: .aborted, try consortium.mandate()) { server, folder, log in
      while try folder.course(Self.id).ending == nil { try await Task.sleep(for: .milliseconds(20)) }
      await server.show { $0.state = .running }
      _ = await server.reports(atLeast: 1)
      #expect(log().contains { $0.contains("it was aborted at") && $0.contains("nothing new is answered") })
      #expect(log().contains { $0.contains("repeating earlier answers only") })
      #expect(try folder.course(Self.id).ending?.state == .aborted)
      let actions = try actions(in: folder.auditLog)
      #expect(actions.contains(.studyEnded) && actions.contains(.studyReopened))
      #expect(!actions.contains(.studyStarted))
    }
  }

  /// Runs an agent that has signed the study, at a coordinator that shows it as `state`.
  private func withAgent(
    in consortium: HonestConsortium, state: StudyState, _ mandate: StudyMandate?,
    _ body: @escaping @Sendable (LyingServer, AgentFolder, @Sendable () -> [String]) async throws -> Void
  ) async throws {
    let notice = StudyNotice(
      study: Self.id, proposal: try WireJSON.encode(consortium.proposal), state: state,
      arms: ["rehearsal", "fedavg", "tests"], mandate: try mandate.map { try WireJSON.encode($0) } ?? Data())
    let server = LyingServer(showing: notice)
    try await withTemporaryFolder { url in
      let folder = try AgentFolder(url)
      try folder.save(AgreedStudy(consortium.proposal, site: "{}", dataRoot: url.path), Self.id)
      let lines = Mutex<[String]>([])
      try await server.serve(as: consortium.coordinator) { port in
        let agent = try SiteAgent(
          AgentConfiguration(
            folder: url, identityFolder: url,
            coordinator: ClientConfiguration(host: "127.0.0.1", port: port)),
          keeper: IdentityKeeper(consortium.north), log: { line in lines.withLock { $0.append(line) } })
        let running = Task { try await agent.run() }
        defer { running.cancel() }
        try await body(server, folder) { lines.withLock(\.self) }
      }
    }
  }
}

/// The actions in an audit log.
private func actions(in log: URL) throws -> [AuditAction] {
  var reader = try AuditReader(log)
  var actions: [AuditAction] = []
  while let line = try reader.next() { if let action = line.entry?.action { actions.append(action) } }
  return actions
}
