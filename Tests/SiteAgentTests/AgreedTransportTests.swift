import FederatedCore
import FederatedRuntime
import FederatedTesting
import Foundation
import StudyProtocol
import StudyRuns
import Synchronization
import Testing

@testable import SiteAgent

struct AgreedTransportTests {
  private let site = SiteID("north")
  private let model = ModelParameters.zeros(ParameterLayout(entries: [.init(name: "w", shape: [2])]))

  private func plan() throws -> NetworkPlan {
    let text = """
      study: {name: clinic, version: 1, title: Disease from one finding, task: classification, seed: 7}
      elements:
        - {name: patient, kind: identifier, role: group}
        - {name: marker, kind: number, role: input, unit: mmol/L, range: [-20, 20]}
        - {name: disease, kind: category, role: target, values: {0: absent, 1: present}}
      preprocessing: [{standardise: {method: range, using: elements}}]
      model: {architecture: mlp, hidden: [4]}
      training:
        loss: cross-entropy
        optimizer: {name: adam, learning-rate: 0.05}
        batch-size: 4
        local-epochs: 1
      federation: {workflow: fedavg, rounds: 3}
      evaluation:
        metrics: [auc]
        split: {by: patient, test: 0.3, validation: 0.2}
        select-best-on: validation

      """
    return try NetworkPlan(Study(yaml: text), members: [site, SiteID("south")])
  }

  private func transport(
    _ mailbox: CoordinatorMailbox, stillAgrees: @escaping @Sendable () throws -> Void = {}
  ) throws -> AgreedTransport<InProcessTransport> {
    AgreedTransport(
      base: InProcessTransport(mailbox), plan: try plan(), arm: "fedavg", stillAgrees: stillAgrees)
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
