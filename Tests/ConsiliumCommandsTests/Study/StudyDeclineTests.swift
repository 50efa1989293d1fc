import CredentialsTesting
import FederatedCore
import FederatedTransport
import Foundation
import SiteAgent
import TestSupport
import Testing

@testable import ConsiliumCommands
@testable import CoordinatorService

@Suite(.timeLimit(.minutes(10)))
struct StudyDeclineTests {
  private let north = SiteID("north")

  @Test func siteWithdrawsWhateverTheCoordinatorAnswers() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try Consortium(in: folder)
      let identity = folder.appending(path: "identity")
      try #require(consortium.sites[north]).write(to: identity)
      let agent = try AgentFolder(folder.appending(path: "agent-north"))
      try await consortium.withCoordinator { port, service in
        let id = try await consortium.asLead(port: port) { try await $0.propose(consortium.proposal()) }
        let command = [
          "study", "decline", id, "--reason", "no consent", "--folder", agent.url.path, "--identity",
          identity.path, "--coordinator", "127.0.0.1:\(port)",
        ]
        try await consortium.sign(id, at: north, port: port)
        let declined = await consilium(command)
        #expect(declined.status == 0, "\(declined.err)")
        #expect(try agent.agreement(id) == nil)

        try await consortium.sign(id, at: north, port: port)
        try await service.set(.finished, of: id)
        let refused = await consilium(command)
        #expect(refused.status == 2)
        #expect(refused.err.contains("has ended; there is nothing left to decide"))
        #expect(try agent.agreement(id) == nil)
      }
    }
  }

  @Test func siteWithdrawsWithoutACoordinator() async throws {
    try await withTemporaryFolder { folder in
      let identity = try #require(try Consortium(in: folder).sites[north])
      let agent = try AgentFolder(folder.appending(path: "agent"))
      try agent.save(AgreedStudy(digest: "", proposal: "", site: "{}", dataRoot: "/"), "clinic")
      // Nothing listens on port 1.
      let address = ClientConfiguration(host: "127.0.0.1", port: 1, patience: .zero)
      let error = await #expect(throws: ConsiliumError.self) {
        try await agent.withdraw(from: "clinic") {
          try await NetworkLink.with(address, identity: identity) { link in
            _ = try await CoordinatorClient(link, process: "p").studies(known: 0)
          }
        }
      }
      #expect(error?.message.contains("this site's agent has stopped taking part anyway") == true)
      #expect(try agent.agreement("clinic") == nil)
    }
  }
}
