import Credentials
import CredentialsTesting
import FederatedCore
import Foundation
import TestSupport
import Testing

@testable import FederatedTransport

/// Programs of different versions meet. Neither program may wait for the other without a message.
struct ProtocolVersionTests {
  @Test(arguments: [
    (UInt32(4), UInt32(0), "version 4", "site's"), (9, 7, "versions 7 to 9", "coordinator's"),
  ])
  func siteOfAnotherVersionIsRefusedAndReported(
    newest: UInt32, oldest: UInt32, spoken: String, behind: String
  ) async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let site = try consortium.authority.identity(.site, "a")
      try await consortium.withServer { _, port in
        try await consortium.withClient(site, port: port) { client in
          let error = await refusal {
            _ = try await client.link.persistently {
              try await client.coordination.join(
                .with {
                  $0.protocolVersion = newest
                  $0.oldestProtocolVersion = oldest
                })
            }
          }
          #expect(error?.code == .invalidInput)
          let message = error?.message ?? ""
          #expect(
            message.contains("site 'a' speaks \(spoken) of the protocol and this coordinator "))
          #expect(message.contains("install the same version of Consilium at both: the \(behind) is older"))
          #expect(await consortium.program.refusals == [message])
        }
      }
      #expect(await consortium.program.joined.isEmpty)
    }
  }

  @Test func newestCommonVersionIsChosen() {
    #expect(NetworkProtocol.common(newest: 5, oldest: 0) == 5)
    #expect(NetworkProtocol.common(newest: 8, oldest: 3) == 5)
    #expect(NetworkProtocol.common(newest: 8, oldest: 6) == nil)
    #expect(NetworkProtocol.common(newest: 4, oldest: 1) == nil)
  }
}
