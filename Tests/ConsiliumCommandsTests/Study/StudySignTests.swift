import Credentials
import FederatedCore
import FederatedTransport
import Foundation
import SiteAgent
import StudyAgreement
import StudyProtocol
import TestSupport
import Testing

@testable import ConsiliumCommands
@testable import CoordinatorService

@Suite(.timeLimit(.minutes(10)))
struct StudySignTests {
  private let north = SiteID("north")

  /// Signs a study with the data in `dataRoot`.
  private func sign(
    _ proposal: StudyProposal, of study: String, revision: Int = 1, dataRoot: String, at site: Identity,
    _ address: ClientConfiguration, in agent: AgentFolder
  ) async throws {
    let offer = StudyDecisionInput.Offer(
      proposal: proposal, study: try Study(yaml: proposal.text), identity: site)
    let statement = try DecisionStatement.signed(
      proposal, site: offer.site, revision: revision, policy: "", data: "")
    let agreed = try AgreedStudy(proposal, site: "{}", dataRoot: dataRoot)
    try await NetworkLink.with(address, identity: site) { link in
      try await offer.agree(
        to: agreed, by: statement, about: study, CoordinatorClient(link, process: "p"), in: agent)
    }
  }

  private func decisions(about study: String, in agent: AgentFolder) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: agent.study(study).path).filter {
      $0.hasPrefix("decision-")
    }
  }

  @Test func refusedSignatureKeepsTheEarlierAgreement() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try Consortium(in: folder)
      let site = try #require(consortium.sites[north])
      let agent = try AgentFolder(folder.appending(path: "agent"))
      let data = try consortium.proposal()
      let proposal: StudyProposal = try WireJSON.decode(data, "the proposal")
      try await consortium.withCoordinator { port, service in
        let address = ClientConfiguration(host: "127.0.0.1", port: port)
        let id = try await consortium.asLead(port: port) { try await $0.propose(data) }
        try await sign(proposal, of: id, dataRoot: "/first", at: site, address, in: agent)
        #expect(try agent.agreement(id)?.dataRoot == "/first")
        try await service.set(.aborted, of: id)
        for earlier in ["/first", nil] {
          if earlier == nil { try agent.removeAgreement(id) }
          let error = await #expect(throws: ConsiliumError.self) {
            try await sign(proposal, of: id, revision: 2, dataRoot: "/second", at: site, address, in: agent)
          }
          #expect(error?.message.contains("has ended") == true)
          #expect(try agent.agreement(id)?.dataRoot == earlier)
          #expect(try decisions(about: id, in: agent) == ["decision-1.json"])
        }
      }
    }
  }

  /// The coordinator may have received the decision before the connection broke.
  @Test func lostAnswerKeepsTheSignature() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try Consortium(in: folder)
      let site = try #require(consortium.sites[north])
      let agent = try AgentFolder(folder.appending(path: "agent"))
      let proposal: StudyProposal = try WireJSON.decode(try consortium.proposal(), "the proposal")
      // Nothing listens on port 1.
      let address = ClientConfiguration(host: "127.0.0.1", port: 1, patience: .zero)
      let error = await #expect(throws: ConsiliumError.self) {
        try await sign(proposal, of: "clinic", dataRoot: "/first", at: site, address, in: agent)
      }
      #expect(
        error?.message.hasSuffix("may or may not have recorded the decision. Run the same command again")
          == true)
      #expect(try agent.agreement("clinic")?.dataRoot == "/first")
      #expect(try decisions(about: "clinic", in: agent) == ["decision-1.json"])
    }
  }
}
