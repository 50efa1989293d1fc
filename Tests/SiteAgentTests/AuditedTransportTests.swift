import AuditLog
import EvaluationMetrics
import FederatedCore
import FederatedRuntime
import FederatedTesting
import Foundation
import Testing

@testable import SiteAgent

struct AuditedTransportTests {
  private func transport(_ mailbox: CoordinatorMailbox, _ files: AgentFiles, _ log: AuditLog)
    -> AuditedTransport<InProcessTransport>
  {
    AuditedTransport(
      InProcessTransport(mailbox), audit: log,
      subject: AuditSubject(study: "lgg", digest: "5d", arm: "fedavg"),
      party: { [party = files.identity.party] in party }, now: { Date() })
  }

  private let model = ModelParameters.zeros(ParameterLayout(entries: [.init(name: "w", shape: [2])]))

  @Test func obeysTheLaws() async throws {
    try await SiteTransportLaws {
      let (mailbox, files) = (CoordinatorMailbox(), try AgentFiles())
      return .init(
        transport: transport(mailbox, files, try files.openLog()),
        assign: { await mailbox.assign($0, to: $1) },
        assignStream: { await mailbox.assign($0, to: $1, stream: $2, openHost: $3) },
        withdraw: { await mailbox.withdraw(from: $0) },
        nextAnswer: {
          for await case .answer(let answer, let id, let site) in mailbox.mail { return (site, id, answer) }
          return nil
        },
        close: {
          await mailbox.close()
          withExtendedLifetime(files) {}
        })
    }.check()
  }

  @Test func evaluationsAreLoggedBeforeTheyLeave() async throws {
    let (mailbox, files, site) = (CoordinatorMailbox(), try AgentFiles(), SiteID("HT"))
    let transport = transport(mailbox, files, try files.openLog())
    let assignment = Assignment(
      id: .init(round: 3, stage: nil), message: .evaluate(model, on: .validation), files: ["model": "abc"])
    await mailbox.assign(assignment, to: site)
    _ = try await transport.nextAssignment(for: site)
    let dice = MetricEstimate(name: "dice", value: 0.5, patientCount: 4, replicates: [])
    try await transport.submit(
      try await answer(4, [dice], examples: 90, to: assignment), to: assignment, from: site)
    let entry = try #require(try files.entries().first)
    #expect(entry.action == .evaluationReleased)
    #expect(
      entry.subject == AuditSubject(study: "lgg", digest: "5d", arm: "fedavg", round: 3, site: site))
    #expect(
      entry.details == [
        "patients": "4", "examples": "90", "metrics": "dice", "part": "validation", "model": "abc",
      ])
  }

  /// If the log cannot be written, nothing leaves the site.
  @Test func nothingLeavesWithoutALogEntry() async throws {
    let (mailbox, files, site) = (CoordinatorMailbox(), try AgentFiles(), SiteID("HT"))
    let transport = transport(mailbox, files, try files.openLog())
    let assignment = Assignment(
      id: .init(round: 1, stage: nil), message: .evaluate(model, on: .test))
    await mailbox.assign(assignment, to: site)
    try FileManager.default.removeItem(at: files.folder.auditLog)
    await #expect(throws: ConsiliumError.self) {
      try await transport.submit(try await answer(1, to: assignment), to: assignment, from: site)
    }
    #expect(try await transport.nextAssignment(for: site)?.id == assignment.id)
  }
}
