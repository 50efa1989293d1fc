import Credentials
import FederatedCore
import FederatedRuntime
import FederatedTesting
import Foundation
import ParameterFiles
import StudyAgreement
import StudyRuns

@testable import FederatedTransport

/// A site of an ``AttackedStudy``: all that an honest site does, and all that an attacker with its key needs.
struct StudySite: Sendable {
  let site: SiteID
  let identity: Identity
  /// The study's ID and digest.
  let id: String
  let digest: String
  let plan: NetworkPlan
  let client: CoordinatorClient
  let trainer: ReferenceTrainer
  let folder: URL

  /// The entry of the site's log that its statements name.
  static let auditHead = AuditAnchor(sequence: 7, hash: String(repeating: "a", count: 64))

  /// The number of training examples.
  var examples: Int { 20 + 8 * (plan.members.firstIndex(of: site) ?? 0) }

  var readiness: SiteReadiness {
    SiteReadiness(
      site: site,
      data: SessionDescription(
        parts: DataPart.allCases.map {
          .init(part: $0, patients: 20, examples: $0 == .training ? examples : 20)
        }, findings: [], precision: "fp32", memoryFormat: "contiguous"),
      freeDisk: 1 << 40, memory: 1 << 36, clockSkew: 0)
  }

  /// Sends the initial weights, and reports that the site is ready.
  func prepare(_ change: (inout SiteReadiness) -> Void = { _ in }) async throws {
    var readiness = readiness
    let model = trainer.initialModel
    let store = try store("initial")
    let blob = try store.add(NamedParts(model))
    try await client.send(blob, of: id, from: store, isInitial: true)
    readiness.initialModel = .init(
      digest: ParameterDigest.sha256(of: model), file: blob.name, layout: model.layout)
    change(&readiness)
    try await client.report(ReleaseGate().release(readiness), study: id)
  }

  /// Serves all arms, or those given.
  func serve(_ arms: [String]? = nil) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for arm in arms ?? plan.arms(of: site) {
        group.addTask {
          let gate = ReleaseGate()
          let session = SiteSession(
            site: site, stages: try plan.stages(of: arm), trainer: trainer,
            gate: arm == NetworkPlan.rehearsal ? gate.rehearsing : gate)
          try await session.serve(over: try transport(arm))
        }
      }
      try await group.waitForAll()
    }
  }

  /// Withdraws from the study.
  func withdraw() async throws {
    let notice = try await client.studies(known: 0).studies.first { $0.study == id }
    let proposal: StudyProposal = try WireJSON.decode(notice?.proposal ?? Data(), "a proposal")
    let digest = String(repeating: "0", count: 64)
    let statement = try DecisionStatement.declined(
      proposal, site: site, revision: 2, reason: "no time", policy: digest, data: digest)
    let decision = try Signed(statement) { (data) throws(ConsiliumError) in
      try identity.sign(data, at: Date())
    }
    try await client.decide(try WireJSON.encode(decision), study: id)
  }

  func transport(_ arm: String) throws -> NetworkTransport {
    NetworkTransport(
      client, study: id, arm: arm, layout: trainer.initialModel.layout, store: try store(arm)
    ) { contribution, _, _ in
      try sign(statement(about: contribution))
    }
  }

  func store(_ name: String) throws -> BlobStore { try BlobStore(folder.appending(path: name)) }

  func statement(about contribution: NetworkContribution) -> ContributionStatement {
    ContributionStatement(
      study: digest, arm: contribution.arm, round: contribution.id.round, stage: contribution.id.stage ?? 0,
      site: site, base: contribution.base, update: contribution.updateDigest, weight: contribution.weight,
      examples: contribution.exampleCount, auditHead: Self.auditHead,
      message: contribution.strategyMessage)
  }

  func sign(_ statement: ContributionStatement, by signer: Identity? = nil) throws -> Data {
    let signer = signer ?? identity
    return try WireJSON.encode(
      try Signed(statement) { (data) throws(ConsiliumError) in try signer.sign(data, at: Date()) })
  }
}
