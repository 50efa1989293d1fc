import Credentials
import CredentialsTesting
import FederatedCore
import Foundation
import StudyAgreement
import TestSupport

/// A consortium of two sites with everything that must be signed before a study of ``HonestStudy`` may run.
public struct HonestConsortium: Sendable {
  public let authority: TestAuthority
  public let coordinator: Identity
  public let lead: Identity
  public let north: Identity
  public let south: Identity
  public let proposal: StudyProposal
  public let decisions: [SiteDecision]

  /// - Parameter other: a consortium with the same parties, which have another study; `nil` for new parties.
  public init(_ study: ClinicStudy = ClinicStudy(), like other: HonestConsortium? = nil) throws {
    let authority = try other?.authority ?? TestAuthority()
    self.authority = authority
    coordinator = try other?.coordinator ?? authority.identity(.coordinator, "hub")
    let lead = try other?.lead ?? authority.identity(.lead, "lead")
    self.lead = lead
    north = try other?.north ?? authority.identity(.site, "north")
    south = try other?.south ?? authority.identity(.site, "south")
    var study = study
    study.hasAge = false
    let proposal = try StudyProposal(
      text: study.text, invited: [SiteID("north"), SiteID("south")], at: Date()
    ) { (data) throws(ConsiliumError) in try lead.sign(data, at: Date()) }
    self.proposal = proposal
    decisions = try [north, south].map { identity in
      let statement = try DecisionStatement.signed(
        proposal, site: SiteID(identity.party.name), policy: "", data: "")
      return try Self.sign(statement, identity)
    }
  }

  public static func sign<Content: Statement>(_ statement: Content, _ identity: Identity) throws -> Signed<
    Content
  > { try Signed(statement) { (data) throws(ConsiliumError) in try identity.sign(data, at: Date()) } }

  /// A start of the study, by default the lead's.
  public func start(by identity: Identity? = nil, until: Date? = nil) throws -> SignedStart {
    try Self.sign(
      StartStatement(
        study: proposal.digest, proposal: try proposal.statement.digest(), time: Date(), until: until),
      identity ?? lead)
  }

  /// An attempt after the first, by default the coordinator's.
  public func attempt(
    _ number: Int, after: [String: Int] = [:], because reason: String = "disk lost",
    by identity: Identity? = nil
  ) throws -> SignedAttempt {
    try Self.sign(
      AttemptStatement(
        study: proposal.digest, number: number, time: Date(), reason: reason, after: after),
      identity ?? coordinator)
  }

  /// The complete mandate.
  public func mandate() throws -> StudyMandate { StudyMandate(decisions: decisions, start: try start()) }
}
