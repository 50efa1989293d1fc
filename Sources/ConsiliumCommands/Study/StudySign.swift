import ArgumentParser
import Credentials
import Crypto
import FederatedCore
import FederatedTransport
import Foundation
import SiteAgent
import StudyAgreement
import StudyProtocol

struct StudySign: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign", abstract: "Agree to a study for this site by signing its digest.",
    discussion: """
      Checks the site's data against the study first, and refuses to sign if the data or the policy do not allow it. The agent of this \
      site ('consilium site run', with the same folder) then takes part when the study starts.
      """)

  @OptionGroup var input: StudyDecisionInput

  @OptionGroup var source: SiteDataInput

  @OptionGroup var engine: EngineInput

  func run() async throws {
    let console = Console.current
    let (source, engine, input) = (source, engine, input)
    let (agent, id) = (input.agent, input.id)
    let policy = try agent.sitePolicy()
    let check = try await input.withOffer { offer, client in
      try offer.proposal.demandInitialModel(for: offer.study)
      try Self.demandNoRefusal(try input.objections(to: offer))
      let check = try await source.check(offer.study, site: offer.site, engine: engine)
      guard check.isPassed else {
        throw ConsiliumError(
          .invalidInput,
          "this site's data do not comply with the study's common data elements; nothing was signed:\n"
            + check.text)
      }
      try Self.demandNoRefusal(try input.objections(to: offer, after: check))
      let statement = try DecisionStatement.signed(
        offer.proposal, site: offer.site, revision: try agent.agentFolder().nextRevision(id),
        policy: try policy.digest(), data: try check.digest(salt: agent.agentFolder().summarySalt()))
      let definition = try source.definition(of: offer.site, for: offer.study)
      let agreed = try AgreedStudy(
        offer.proposal, site: try definition.canonicalJSON(), dataRoot: source.dataRoot.path)
      try await offer.agree(to: agreed, by: statement, about: id, client, in: try agent.agentFolder())
      return check
    }
    console.print(check.text)
    console.print("signed \(id) for site \(check.site)")
  }

  private static func demandNoRefusal(_ objections: [PolicyObjection]) throws {
    guard objections.refuse else { return }
    let reasons = objections.filter { $0.effect == .refuses }.map(\.message).joined(separator: "; ")
    throw ConsiliumError(
      .invalidInput, "this site's policy refuses the study: \(reasons); nothing was signed")
  }
}

extension SiteCheckOutput {
  /// The SHA-256 of this check's result without values and facts, in hexadecimal. The result itself stays at
  /// the site.
  ///
  /// - Parameter salt: A secret of the site. Without it, anyone could find small counts by trying which
  ///   counts have this digest.
  func digest(salt: String) -> String {
    var summary = self
    summary.findings = findings.map { $0.withoutValues() }
    summary.facts = nil
    return SHA256.hash(data: Data("\(salt)\n\(JSONLine.encode(summary))".utf8)).map {
      String(format: "%02x", $0)
    }.joined()
  }
}

extension StudyDecisionInput.Offer {
  /// Decides to take part. From then on, the agent follows `agreed`, unless the coordinator refuses the
  /// decision.
  func agree(
    to agreed: AgreedStudy, by statement: DecisionStatement, about study: String, _ client: CoordinatorClient,
    in folder: AgentFolder
  ) async throws {
    // Treat a damaged agreement as missing.
    let before = try? folder.agreement(study)
    // Save the agreement before sending the decision: the agent reads this file as soon as the coordinator
    // reports the decision.
    try folder.save(agreed, study)
    do {
      try await decide(statement, about: study, client, in: folder)
    } catch let error as ConsiliumError where !error.leavesOutcomeOpen {
      if let before { try folder.save(before, study) } else { try folder.removeAgreement(study) }
      throw error
    }
  }

  /// Signs and sends the site's decision, and saves it so that the agent enters it in the site's audit log.
  ///
  /// - Throws: ``ConsiliumError``. If the outcome is unknown, the decision is kept, since the site's staff
  ///   have signed it.
  func decide(
    _ statement: DecisionStatement, about study: String, _ client: CoordinatorClient, in folder: AgentFolder
  ) async throws {
    let now = Date()
    let decision = try Signed(statement) { (data) throws(ConsiliumError) in try identity.sign(data, at: now) }
    let log = DecisionLog(folder)
    // Keep the decision before sending it: the agent looks for it as soon as the coordinator reports it.
    try log.keep(decision, about: study)
    do {
      try await client.decide(try WireJSON.encode(decision), study: study)
    } catch let error as ConsiliumError {
      guard error.leavesOutcomeOpen else {
        try log.forget(decision, about: study)
        throw error
      }
      throw ConsiliumError(
        error.code,
        "\(error.message); the coordinator may or may not have recorded the decision. Run the same command again",
        cause: error.cause)
    }
  }
}
