import Credentials
import CredentialsTesting
import FederatedCore
import Foundation
import GRPCCore
import TestSupport
import Testing

@testable import FederatedTransport

struct LinkProbeTests {
  @Test func linkIsMeasuredInBothDirections() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      try await consortium.withServer { _, port in
        let site = try consortium.authority.identity(.site, "a")
        let link = try await consortium.withClient(site, port: port) { try await $0.measureLink() }
        #expect(link.roundTrip > 0 && link.roundTrip < 60)
        #expect(link.download > 0 && link.upload > 0)
      }
    }
  }

  /// The policy's rate also limits the measurement: one second's worth of bytes passes at once, the rest at
  /// the rate.
  @Test func measurementKeepsToTheUploadRate() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      try await consortium.withServer { _, port in
        let site = try consortium.authority.identity(.site, "a")
        let configuration = ClientConfiguration(host: "127.0.0.1", port: port, uploadRate: 300_000)
        let link = try await NetworkLink.with(configuration, identity: site) {
          try await CoordinatorClient($0, process: "p").measureLink()
        }
        #expect(link.upload < 600_000)
      }
    }
  }

  @Test func oversizedProbeIsRefused() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      try await consortium.withServer { _, port in
        let site = try consortium.authority.identity(.site, "a")
        try await consortium.withClient(site, port: port) { client in
          let probes: [Consilium_V1_LinkProbe] = [
            .with { $0.replyBytes = UInt32(LinkProbe.mostBytes + 1) },
            .with { $0.payload = Data(count: LinkProbe.mostBytes + 1) },
          ]
          for probe in probes {
            let error = await #expect(throws: RPCError.self) {
              try await client.coordination.probeLink(probe)
            }
            #expect(error?.message.contains("a probe of more than") == true)
          }
        }
      }
    }
  }

  @Test func fileTimeCoversBothDirections() {
    let link = LinkMeasurement(roundTrip: 0.5, download: 2_000_000, upload: 1_000_000)
    #expect(link.seconds(thereAndBack: 4_000_000) == 7)
  }
}
