import Credentials
import CredentialsTesting
import FederatedCore
import Foundation
import StudyAgreement

/// A moment at which the certificates of the tests are valid.
let now = Date(timeIntervalSince1970: 1_800_000_000)

let studyText = """
  # a study of three hospitals
  study: {name: heart, task: classification}
  elements:
    - {name: age, kind: number, role: input, unit: year, range: [0, 120]}
    - {name: disease, kind: category, role: target, values: {0: absent, 1: present}}
  model: {architecture: linear}
  training: {loss: cross-entropy, optimizer: {name: sgd, learning-rate: 0.1}, batch-size: 4}
  federation: {workflow: fedavg, rounds: 5, sites: {required: [A, B], minimum: 2}}
  evaluation: {metrics: [auc], split: {test: 0.2}}
  """

/// A consortium with a coordinator, a study lead and three sites.
struct Consortium {
  let tests: TestAuthority
  let coordinator: Identity
  let lead: Identity
  let sites: [SiteID: Identity]

  var authority: Authority { tests.authority }

  init() throws {
    let tests = try TestAuthority(notBefore: now - 86_400, notAfter: now + 1000 * 86_400)
    let member = { (role: Role, name: String) in
      try tests.identity(role, name, notBefore: now - 86_400, notAfter: now + 90 * 86_400)
    }
    self.tests = tests
    coordinator = try member(.coordinator, "hub")
    lead = try member(.lead, "lab")
    sites = Dictionary(
      uniqueKeysWithValues: try ["A", "B", "C"].map { (SiteID($0), try member(.site, $0)) })
  }

  func proposal(
    _ text: String = studyText, invited: [String] = ["A", "B", "C"], initialModel: String? = nil,
    by identity: Identity? = nil
  ) throws -> StudyProposal {
    let identity = identity ?? lead
    return try StudyProposal(
      text: text, invited: invited.map { SiteID($0) }, initialModel: initialModel, at: now
    ) { (data) throws(ConsiliumError) in try identity.sign(data, at: now) }
  }

  func signed<Content: Statement>(_ statement: Content, by identity: Identity) throws -> Signed<Content> {
    try Signed(statement) { (data) throws(ConsiliumError) in try identity.sign(data, at: now) }
  }

  func decision(
    _ site: String, on proposal: StudyProposal, declines reason: String? = nil, revision: Int = 1,
    by identity: Identity? = nil
  ) throws -> SiteDecision {
    let id = SiteID(site)
    let statement =
      try reason.map {
        try DecisionStatement.declined(
          proposal, site: id, revision: revision, reason: $0, policy: digest("policy"), data: digest("data"))
      }
      ?? DecisionStatement.signed(
        proposal, site: id, revision: revision, policy: digest("policy"), data: digest("data"))
    return try signed(statement, by: identity ?? sites[id] ?? lead)
  }

  func agreement(_ names: [String] = ["A", "B", "C"]) throws -> StudyAgreement {
    let proposal = try proposal()
    return StudyAgreement(proposal, decisions: try names.map { try decision($0, on: proposal) })
  }
}

func digest(_ text: String) -> String { Fingerprint.of(Data(text.utf8)) }
