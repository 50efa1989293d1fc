import Credentials
import FederatedCore
import Foundation
import StudyAgreement

/// Signed rounds of the example study: from model `m0` to `m1`, and so on.
struct ExampleRounds {
  var consortium: Consortium
  var study: String
  var required = [SiteID("A"), SiteID("B")]

  init(_ consortium: Consortium) throws {
    self.consortium = consortium
    study = try consortium.proposal().digest
  }

  func model(_ round: Int) -> String { digest("m\(round)") }

  /// The digest of the file in which sites receive the model.
  func file(_ round: Int) -> String { digest("f\(round)") }

  func contribution(_ site: String, round: Int, by identity: Identity? = nil) throws -> Signed<
    ContributionStatement
  > {
    let id = SiteID(site)
    let statement = ContributionStatement(
      study: study, arm: "fedavg", round: round, stage: 0, site: id, base: file(round - 1),
      update: digest("\(site)\(round)"), weight: 100, examples: 100,
      auditHead: AuditAnchor(sequence: 5 * round, hash: digest("\(site)-log-\(round)")))
    return try consortium.signed(statement, by: identity ?? consortium.sites[id] ?? consortium.lead)
  }

  /// - Parameter sites: The contributing sites by round.
  func manifests(_ count: Int, sites: (Int) -> [String] = { _ in ["A", "B", "C"] }) throws -> [Signed<
    RoundManifest
  >] {
    var manifests: [Signed<RoundManifest>] = []
    for round in 1...count {
      let manifest = try RoundManifest(
        study: study, arm: "fedavg", round: round, time: now + Double(round), modelBefore: model(round - 1),
        modelAfter: model(round), fileBefore: file(round - 1), fileAfter: file(round),
        contributions: try sites(round).map { try contribution($0, round: round) },
        dropped: sites(round).contains("C") ? [] : [.init(site: SiteID("C"), reason: "timed out")],
        required: required, auditHead: AuditAnchor(sequence: 10 * round, hash: digest("a\(round)")),
        after: manifests.last?.statement)
      manifests.append(try consortium.signed(manifest, by: consortium.coordinator))
    }
    return manifests
  }

  /// The coordinator's statement that the arm has ended with the model of a round.
  func conclusion(
    _ manifests: [Signed<RoundManifest>], round: Int, isComplete: Bool = true
  ) throws -> Signed<ArmConclusion>? {
    guard let last = manifests.last?.statement else { return nil }
    return try consortium.signed(
      try ArmConclusion(
        after: last, time: now, round: round, model: model(round), isComplete: isComplete),
      by: consortium.coordinator)
  }

  func chain(_ manifests: [Signed<RoundManifest>]) -> ManifestChain {
    ManifestChain(study: study, arm: "fedavg", manifests: manifests, required: required)
  }

  func review(_ manifests: [Signed<RoundManifest>]) -> ManifestReview {
    chain(manifests).verify(by: consortium.authority, at: now)
  }

  /// Changes a manifest and signs it again, as a coordinator could.
  func resigned(
    _ manifest: Signed<RoundManifest>, _ change: (inout RoundManifest) throws -> Void
  ) throws -> Signed<RoundManifest> {
    var statement = manifest.statement
    try change(&statement)
    return try consortium.signed(statement, by: consortium.coordinator)
  }
}
