import FederatedCore
import FederatedRuntime
import FederatedTesting
import Foundation
import StudyProtocol
import StudyRuns
import Synchronization
import TestSupport
import Testing

@testable import SiteAgent

struct AgreedTransportTests {
  private let site = SiteID("north")
  private let model = ModelParameters.zeros(ParameterLayout(entries: [.init(name: "w", shape: [2])]))

  private func plan() throws -> NetworkPlan {
    var study = ClinicStudy()
    study.hasAge = false
    study.metrics = "[auc]"
    return try NetworkPlan(Study(yaml: study.text), members: [site, SiteID("south")])
  }

  private func transport(
    _ mailbox: CoordinatorMailbox, stillAgrees: @escaping @Sendable () throws -> Void = {}
  ) throws -> AgreedTransport<InProcessTransport> {
    AgreedTransport(
      base: InProcessTransport(mailbox), plan: try plan(), arm: "fedavg", models: nil,
      stillAgrees: stillAgrees)
  }

  private func validation(_ part: DataPart) -> Assignment {
    Assignment(id: .init(round: 1, stage: nil), message: .evaluate(model, on: part))
  }

  @Test func onlySignedAssignmentsAreAccepted() async throws {
    let mailbox = CoordinatorMailbox()
    let transport = try transport(mailbox)
    await mailbox.assign(validation(.validation), to: site)
    #expect(try await transport.nextAssignment(for: site)?.id == .init(round: 1, stage: nil))
    await mailbox.assign(validation(.training), to: site)
    let error = await #expect(throws: ConsiliumError.self) { try await transport.nextAssignment(for: site) }
    #expect(error?.message.contains("data other than the validation data") == true)
    await mailbox.close()
    #expect(try await transport.nextAssignment(for: site) == nil)
  }

  @Test func withdrawnSiteNeitherReceivesNorSends() async throws {
    let mailbox = CoordinatorMailbox()
    let agrees = Mutex(true)
    let transport = try transport(mailbox) {
      guard agrees.withLock({ $0 }) else { throw ConsiliumError(.invalidInput, "withdrawn") }
    }
    await mailbox.assign(validation(.validation), to: site)
    _ = try await transport.nextAssignment(for: site)
    agrees.withLock { $0 = false }
    await #expect(throws: ConsiliumError.self) {
      try await transport.submit(
        try await answer(9, to: validation(.validation)), to: validation(.validation), from: site)
    }
    // The mailbox did not receive the answer.
    #expect(await mailbox.assignment(of: site) != nil)
    await #expect(throws: ConsiliumError.self) { try await transport.nextAssignment(for: site) }
  }
}
