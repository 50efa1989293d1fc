import Credentials
import CredentialsTesting
import FederatedCore
import FederatedRuntime
import Foundation
import TestSupport
import Testing

@testable import FederatedTransport

/// Peers that are refused before the first byte of HTTP/2, and peers that are refused at a call.
struct CertificateRefusalTests {
  @Test func onlyAValidCertificateIsAccepted() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let authority = consortium.authority
      let strangers: [(String, Identity?)] = [
        ("another authority", try TestAuthority(consortium: "other").identity(.site, "a")),
        ("an impostor", try authority.impostor().identity(.site, "a")),
        ("expired", try authority.expired(.site, "a")),
        ("not yet valid", try authority.notYetValid(.site, "a")),
        ("no certificate", nil),
      ]
      let site = try authority.identity(.site, "a")
      try await consortium.withServer { server, port in
        for (name, identity) in strangers {
          let connection = try await RawConnection.open(port, .init(identity: identity))
          #expect(try await connection.firstBytes().isEmpty, "\(name)")
          try await connection.closed()
        }
        let connection = try await RawConnection.open(port, .init(identity: site))
        #expect(try await !connection.firstBytes().isEmpty)
        try await connection.close()
      }
    }
  }

  @Test func olderTLSAndPlainTextAreRefused() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let site = try consortium.authority.identity(.site, "a")
      let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
      try await consortium.withServer { server, port in
        let old = try await RawConnection.open(port, .init(identity: site, highestTLS: .tlsv12))
        #expect(try await old.firstBytes().isEmpty)
        let other = try await RawConnection.open(port, .init(identity: site, protocols: ["http/1.1"]))
        #expect(try await other.firstBytes().isEmpty)
        let plain = try await RawConnection.open(port, .init(isPlain: true))
        try await plain.send(preface)
        let answer = try await plain.firstBytes()
        // At most a TLS alert, whose record type is 21.
        #expect(answer.isEmpty || answer.first == 21)
        try await plain.closed()
        for connection in [old, other] { try await connection.closed() }
      }
    }
  }

  @Test func refusedSiteSeesTheReason() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let expired = try consortium.authority.expired(.site, "a")
      try await consortium.withServer { server, port in
        let error = await refusal {
          try await consortium.withClient(expired, port: port, patience: .zero) { _ = try await $0.join() }
        }
        #expect(error?.code == .unavailable)
        #expect(
          error?.message.contains("certificate has expired or is not yet valid") == true, "\(error as Any)")
      }
    }
  }

  @Test(arguments: [Role.site, .lead, .operator, .observer])
  func clientRejectsServerWithoutCoordinatorRole(role: Role) async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let impostor = try consortium.authority.identity(
        role, "thief", addresses: [try ServerAddress(ip: "127.0.0.1")])
      let site = try consortium.authority.identity(.site, "a")
      try await consortium.withServer(identity: impostor) { server, port in
        let error = await refusal {
          try await consortium.withClient(site, port: port, patience: .zero) { _ = try await $0.join() }
        }
        #expect(
          error?.message.contains("not issued by this party's authority") == true,
          "\(error as Any)")
      }
      #expect(await consortium.program.joined.isEmpty)
    }
  }

  @Test func clientRejectsAnotherAuthorityAndAnotherAddress() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let site = try consortium.authority.identity(.site, "a")
      let servers = [
        try consortium.authority.impostor().identity(.coordinator, "hub"),
        try consortium.authority.identity(
          .coordinator, "hub", addresses: [try ServerAddress(ip: "127.0.0.9")]),
      ]
      for identity in servers {
        try await consortium.withServer(identity: identity) { server, port in
          let error = await refusal {
            try await consortium.withClient(site, port: port, patience: .zero) { _ = try await $0.join() }
          }
          #expect(error?.code == .unavailable)
          #expect(error?.message.contains("cannot be reached") == true, "\(error as Any)")
        }
      }
    }
  }

  @Test func revokedCoordinatorIsRefused() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let list = try consortium.authority.revoking([consortium.coordinator])
      let site = try consortium.authority.identity(.site, "a", knowing: list)
      try await consortium.withServer { server, port in
        let error = await refusal {
          try await consortium.withClient(site, port: port, patience: .zero) { _ = try await $0.join() }
        }
        #expect(error?.message.contains("was revoked") == true, "\(error as Any)")
      }
    }
  }
}
