import Credentials
import CredentialsTesting
import FederatedCore
import FederatedRuntime
import Foundation
import TestSupport
import Testing

@testable import FederatedTransport

/// The calls that an accepted certificate allows.
struct RoleTests {
  @Test(arguments: [Role.lead, .operator, .observer, .coordinator])
  func onlySitesMayCallTheCoordinationService(role: Role) async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let party = try consortium.authority.identity(role, "p")
      try await consortium.withServer { server, port in
        try await consortium.withClient(party, port: port) { client in
          let error = await refusal { _ = try await client.join() }
          #expect(error?.message.contains("has the role \(role.rawValue); expected site") == true)
        }
      }
      #expect(await consortium.program.joined.isEmpty)
    }
  }

  @Test func sitesMayNotAdminister() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let site = try consortium.authority.identity(.site, "a")
      try await consortium.withServer { server, port in
        try await consortium.withClient(site, port: port) { client in
          let administration = AdministrationClient(client.link)
          let calls: [@Sendable () async throws -> Void] = [
            { _ = try await administration.propose(Data()) },
            { _ = try await administration.control(.abort, study: "s", reason: "") },
            { _ = try await administration.status(of: nil) },
            { try await administration.watch(nil) { _ in true } },
            { _ = try await administration.results(of: "s") },
          ]
          for call in calls {
            let error = await refusal { try await call() }
            #expect(error?.message.contains("has the role site; expected") == true, "\(error as Any)")
          }
        }
      }
    }
  }

  @Test func observersMayOnlyWatch() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let observer = try consortium.authority.identity(.observer, "o")
      let operatorParty = try consortium.authority.identity(.operator, "o")
      try await consortium.withServer { server, port in
        try await consortium.withClient(observer, port: port) { client in
          let administration = AdministrationClient(client.link)
          _ = try await administration.status(of: nil)
          let error = await refusal {
            _ = try await administration.control(.start, study: "s", reason: "")
          }
          #expect(error?.message.contains("expected lead or operator") == true, "\(error as Any)")
        }
        try await consortium.withClient(operatorParty, port: port) { client in
          let administration = AdministrationClient(client.link)
          let state = try await administration.control(.start, study: "s", reason: "")
          #expect(state == .running)
          let error = await refusal { _ = try await administration.propose(Data()) }
          #expect(error?.message.contains("expected lead") == true, "\(error as Any)")
        }
      }
    }
  }

  @Test func siteCannotActInAStudyOfOthers() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let (endpoint, mailbox) = try await consortium.openStudy()
      await mailbox.assign(.some(1), to: SiteID("a"))
      let stranger = try consortium.authority.identity(.site, "c")
      let blob = try endpoint.outgoing.add(NamedParts(ModelParameters.some(1)))
      try await consortium.withServer { server, port in
        try await consortium.withClient(stranger, port: port) { client in
          let transport = try consortium.transport(client, "c")
          let store = try BlobStore(folder.appending(path: "stranger"))
          let own = try store.add(NamedParts(ModelParameters.some(2)))
          let calls: [@Sendable () async throws -> Void] = [
            { _ = try await transport.nextAssignment(for: SiteID("a")) },
            {
              try await transport.submit(
                .failure(ReleaseGate().release(ConsiliumError(.engine, "no"))), to: .some(1),
                from: SiteID("a"))
            },
            { try await client.fetch(blob, of: "s", into: store) },
            { try await client.send(own, of: "s", from: store) },
          ]
          for call in calls {
            let error = await refusal { try await call() }
            #expect(error?.message == "site 'c' does not take part in this study", "\(error as Any)")
          }
        }
      }
      // The assignment of the impersonated site is unchanged.
      #expect(await mailbox.assignment(of: SiteID("a"))?.id.round == 1)
    }
  }
}
