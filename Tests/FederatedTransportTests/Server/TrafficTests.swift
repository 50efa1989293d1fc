import CredentialsTesting
import FederatedCore
import Foundation
import TestSupport
import Testing

@testable import FederatedTransport

/// The server's count of the bytes transferred.
struct TrafficTests {
  private let size = 5 << 19

  @Test func trafficIsCountedPerSiteAndDirection() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let layout = ParameterLayout(entries: [.init(name: "large", shape: [4 << 20])])
      let (endpoint, _) = try await consortium.openStudy(layout: layout)
      let (offered, local) = (
        try endpoint.outgoing.addNoise(size), try BlobStore(folder.appending(path: "local"))
      )
      let update = try local.addNoise(3 << 20, seed: 2)
      let (a, b) = (
        try consortium.authority.identity(.site, "a"), try consortium.authority.identity(.site, "b")
      )
      try await consortium.withServer { server, port in
        #expect(server.traffic.isEmpty)
        try await consortium.withClient(a, port: port) { client in
          _ = try await client.join()
          try await client.send(update, of: "s", from: local)
          try await client.fetch(offered, of: "s", into: local)
          #expect(server.traffic == [SiteID("a"): SiteTraffic(received: 3 << 20, sent: size)])
          // A file that is already there is not sent again.
          try await client.send(update, of: "s", from: local)
          #expect(server.traffic[SiteID("a")]?.received == 3 << 20)
        }
        try await consortium.withClient(b, port: port) { client in
          _ = try await client.join()
          try await client.fetch(offered, of: "s", into: BlobStore(folder.appending(path: "other")))
        }
        #expect(server.traffic[SiteID("b")] == SiteTraffic(sent: size))
        #expect(server.traffic[SiteID("a")]?.sent == size)
      }
    }
  }
}
