import AuditLog
import EvaluationMetrics
import FederatedCore
import FederatedRuntime
import FederatedTesting
import Foundation
import Testing

@testable import SiteAgent

struct AuditedTransportTests {
  private func transport(_ desk: CoordinatorDesk<ModelParameters>, _ files: AgentFiles, _ log: AuditLog)
    -> AuditedTransport<InProcessTransport<ModelParameters>>
  {
    AuditedTransport(
      InProcessTransport(desk), audit: log,
      subject: AuditSubject(study: "lgg", digest: "5d", arm: "fedavg"),
      party: { [party = files.identity.party] in party }, now: { Date() })
  }

  @Test func obeysTheLaws() async throws {
    try await SiteTransportLaws {
      let (desk, files) = (CoordinatorDesk<ModelParameters>(), try AgentFiles())
      return .init(
        transport: transport(desk, files, try files.openLog()), assign: { await desk.assign($0, to: $1) },
        withdraw: { await desk.withdraw(from: $0) },
        nextAnswer: {
          for await case .answer(let received) in desk.mail {
            return (received.site, received.id, received.answer)
          }
          return nil
        },
        close: {
          await desk.close()
          withExtendedLifetime(files) {}
        })
    }.check()
  }

  @Test func evaluationsAreEnteredBeforeTheyLeave() async throws {
    let (desk, files, site) = (CoordinatorDesk<ModelParameters>(), try AgentFiles(), SiteID("HT"))
    let transport = transport(desk, files, try files.openLog())
    let id = Assignment.ID(round: 3, stage: nil)
    await desk.assign(
      Assignment(
        id: id, model: .zeros(ParameterLayout(entries: [.init(name: "w", shape: [2])])),
        work: .evaluate(.validation), fileDigest: "abc"), to: site)
    _ = try await transport.nextAssignment(for: site)
    let dice = MetricEstimate(name: "dice", value: 0.5, patientCount: 4, replicates: [])
    try await transport.submit(
      .evaluation(
        ReleaseGate().release(
          SiteEvaluation(patientCount: 4, exampleCount: 90, loss: nil, metrics: [dice]))), to: id,
      from: site)
    let entry = try #require(try files.entries().first)
    #expect(entry.action == .evaluationReleased)
    #expect(
      entry.subject == AuditSubject(study: "lgg", digest: "5d", arm: "fedavg", round: 3, site: site))
    #expect(
      entry.details == ["patients": "4", "metrics": "dice", "part": "validation", "model": "abc"])
  }

  /// A log that cannot be written keeps everything at home.
  @Test func withoutAnEntryNothingLeaves() async throws {
    let (desk, files, site) = (CoordinatorDesk<ModelParameters>(), try AgentFiles(), SiteID("HT"))
    let transport = transport(desk, files, try files.openLog())
    let id = Assignment.ID(round: 1, stage: nil)
    await desk.assign(
      Assignment(
        id: id, model: .zeros(ParameterLayout(entries: [.init(name: "w", shape: [2])])),
        work: .evaluate(.test)),
      to: site)
    try FileManager.default.removeItem(at: files.folder.auditLog)
    await #expect(throws: ConsiliumError.self) {
      try await transport.submit(
        .evaluation(
          ReleaseGate().release(SiteEvaluation(patientCount: 1, exampleCount: 1, loss: nil, metrics: []))),
        to: id,
        from: site)
    }
    #expect(try await transport.nextAssignment(for: site)?.id == id)
  }
}
