import Credentials
import CredentialsTesting
import FederatedCore
import Foundation
import TestSupport
import Testing

@testable import FederatedTransport

struct RevocationTests {
  @Test func revocationClosesTheConnectionAndTheNextCallNamesTheReason() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let (bad, good) = (
        try consortium.authority.identity(.site, "a"), try consortium.authority.identity(.site, "b")
      )
      let list = try consortium.authority.revoking([bad])
      try await consortium.withServer { server, port in
        let raw = try await RawConnection.open(port, .init(identity: bad))
        #expect(try await !raw.firstBytes().isEmpty)
        try await consortium.withClient(good, port: port) { other in
          _ = try await other.join()
          try await consortium.withClient(bad, port: port) { client in
            _ = try await client.join()
            server.update(try consortium.coordinator.authority.updated(with: list))
            // The server closes the connections of a revoked certificate, even idle ones.
            try await raw.closed()
            let error = await refusal { _ = try await client.join() }
            #expect(error?.message.contains("was revoked on") == true, "\(error as Any)")
            #expect(error?.message.contains("compromised") == true)
          }
          _ = try await other.join()
        }
      }
      #expect(await consortium.program.joined.filter { $0 == SiteID("a") }.count == 1)
    }
  }

  @Test func certificateThatExpiresIsRefusedAtTheNextCall() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let site = try consortium.authority.identity(.site, "a")
      let certificate = site.certificate
      let gate = PeerAuthenticator(consortium.authority.authority) { Date(timeIntervalSinceNow: 2 * 86_400) }
      let error = await refusal { () async throws in try gate.check(certificate, as: [.site]) }
      #expect(error?.message.contains("expired on") == true)
    }
  }
}
