import Credentials
import CredentialsTesting
import FederatedCore
import FederatedTransport
import Foundation
import StudyAgreement
import TestSupport

@testable import CoordinatorService

/// A coordinator without a network, and its callers.
final class ServiceFixture: Sendable {
  let lead: Identity
  let other: Identity
  let sites: [SiteID: Identity]
  private let folder: TemporaryFolder
  private let coordinator: Identity
  private let concurrentStudies: Int
  private let storageRetry: Duration
  private let storageResumption: Duration

  init(
    concurrentStudies: Int = 1, storageRetry: Duration = .seconds(3600),
    storageResumption: Duration = .seconds(3600)
  ) throws {
    let authority = try TestAuthority(consortium: "clinic")
    coordinator = try authority.identity(.coordinator, "hub")
    lead = try authority.identity(.lead, "lead")
    other = try authority.identity(.lead, "other")
    sites = try Dictionary(
      uniqueKeysWithValues: ["north", "south"].map { (SiteID($0), try authority.identity(.site, $0)) })
    folder = try TemporaryFolder()
    self.concurrentStudies = concurrentStudies
    self.storageRetry = storageRetry
    self.storageResumption = storageResumption
  }

  /// Opens the coordinator. After ``CoordinatorService/shutDown()``, opens it again on the same folder.
  func open() async throws -> CoordinatorService {
    let configuration = CoordinatorConfiguration(
      folder: folder.url, concurrentStudies: concurrentStudies, storageRetry: storageRetry,
      storageResumption: storageResumption...storageResumption)
    while true {
      do {
        let service = try CoordinatorService(configuration, keeper: IdentityKeeper(coordinator))
        try await service.start()
        return service
      } catch let error as ConsiliumError where error.code == .unavailable {
        // The previous coordinator holds the audit log until its last task has ended.
        await Task.yield()
      }
    }
  }

  func proposal(seed: Int = 7, sites clause: String = "{}") throws -> StudyProposal {
    var study = ClinicStudy()
    study.seed = seed
    study.sites = clause
    return try StudyProposal(text: study.text, invited: sites.keys.sorted(), at: Date()) {
      (data) throws(ConsiliumError) in try lead.sign(data, at: Date())
    }
  }

  /// A site's signature, or its refusal.
  func decision(
    of site: SiteID, on proposal: StudyProposal, declines reason: String? = nil, revision: Int = 1
  ) throws -> Data {
    let digest = String(repeating: "0", count: 64)
    let statement =
      try reason.map {
        try DecisionStatement.declined(
          proposal, site: site, revision: revision, reason: $0, policy: digest, data: digest)
      }
      ?? DecisionStatement.signed(proposal, site: site, revision: revision, policy: digest, data: digest)
    let identity = sites[site] ?? lead
    let signed = try Signed(statement) { (data) throws(ConsiliumError) in try identity.sign(data, at: Date())
    }
    return try WireJSON.encode(signed)
  }

  /// Proposes a study that all sites then sign.
  func agreed(_ service: CoordinatorService, seed: Int = 7) async throws -> String {
    let proposal = try proposal(seed: seed)
    let id = try await service.propose(WireJSON.encode(proposal), by: lead.party)
    for site in sites.keys.sorted() {
      try await service.decide(decision(of: site, on: proposal), study: id, from: site)
    }
    return id
  }
}

extension ServiceFixture {
  /// The lead's signed start of a study.
  func start(
    _ id: String, _ service: CoordinatorService, by identity: Identity? = nil, until: Date? = nil
  ) async throws -> Data {
    let (signer, stored) = (identity ?? lead, try await service.entry(id).stored)
    let statement = StartStatement(
      study: stored.digest, proposal: try stored.agreement.proposal.statement.digest(), time: Date(),
      until: until)
    return try WireJSON.encode(
      try Signed(statement) { (data) throws(ConsiliumError) in try signer.sign(data, at: Date()) })
  }

  @discardableResult
  func begin(_ id: String, _ service: CoordinatorService) async throws -> StudyState {
    try await service.control(
      .start, study: id, reason: "", start: start(id, service), by: lead.party)
  }
}

extension CoordinatorService {
  func state(of id: String) throws -> StudyState { try entry(id).stored.state }
}
