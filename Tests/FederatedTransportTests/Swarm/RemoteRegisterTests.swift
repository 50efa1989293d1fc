import Credentials
import CredentialsTesting
import FederatedCore
import FederatedTesting
import Foundation
import GRPCCore
import TestSupport
import Testing

@testable import FederatedTransport

struct RemoteRegisterTests {
  @Test func satisfiesTheRegisterLaws() async throws {
    try await withTemporaryFolder { folder in
      let swarm = try TestSwarm(in: folder)
      try await swarm.withAnchor { _, address in
        try await swarm.withMember(of: [address]) { links in
          try await SwarmRegisterLaws(
            RemoteRegister(links), under: SwarmKey("laws"), lease: .seconds(10), slack: .seconds(5),
            pass: { try await Task.sleep(for: $0) }
          ).check()
        }
      }
    }
  }

  @Test func listsMoreEntriesThanFitIntoOneMessage() async throws {
    try await withTemporaryFolder { folder in
      let swarm = try TestSwarm(in: folder)
      for number in 0..<12 {
        _ = swarm.register.create(
          SwarmKey("many/\(100 + number)"),
          [UInt8](repeating: UInt8(number), count: SwarmLimits.largestValue),
          lease: nil, fence: nil)
      }
      try await swarm.withAnchor { _, address in
        try await swarm.withMember(of: [address]) { links in
          let found = try await RemoteRegister(links).entries(under: SwarmKey("many"))
          #expect(found == swarm.register.entries(under: SwarmKey("many")))
        }
      }
    }
  }

  @Test func nextAnchorServesAfterOneHasEnded() async throws {
    try await withTemporaryFolder { folder in
      let swarm = try TestSwarm(in: folder)
      try await swarm.withAnchor("b") { _, second in
        let (handover, links, register) = try await swarm.withAnchor("a") { _, first in
          let links = try AnchorLinks(
            [first, second], keeper: IdentityKeeper(try swarm.authority.identity(.site, "DU")))
          let running = Task { try? await links.run() }
          let register = RemoteRegister(links)
          _ = try await register.create(SwarmKey("x/1"), [1], lease: nil, fence: nil)
          #expect(links.place == 0)
          return (running, links, register)
        }
        // Reads go on at the other anchor within the same call.
        #expect(try await register.entry(at: SwarmKey("x/1"))?.value == [1])
        #expect(links.place == 1)
        let changes = register.changes(under: SwarmKey("x"), after: 0)
        #expect(try await changes.first { _ in true }?.key == SwarmKey("x/1"))
        let outcome = try await register.create(SwarmKey("x/2"), [2], lease: nil, fence: nil)
        #expect(outcome != .fenced)
        handover.cancel()
        _ = await handover.value
      }
    }
  }

  @Test func createThatMayHaveBeenCarriedOutIsNotRepeatedElsewhere() async throws {
    try await withTemporaryFolder { folder in
      let swarm = try TestSwarm(in: folder)
      let gone = try await swarm.withAnchor("b") { _, address in address }
      try await swarm.withAnchor { _, address in
        try await swarm.withMember(of: [gone, address]) { links in
          let register = RemoteRegister(links)
          let key = SwarmKey("x/1")
          let error = await refusal { _ = try await register.create(key, [1], lease: nil, fence: nil) }
          #expect(error?.code == .unavailable)
          // The next call uses the next anchor.
          let outcome = try await register.create(key, [1], lease: nil, fence: nil)
          #expect(outcome == swarm.register.entry(at: key).map(SwarmCreation.created))
        }
      }
    }
  }

  @Test func noAnchorMeansUnavailable() async throws {
    try await withTemporaryFolder { folder in
      let swarm = try TestSwarm(in: folder)
      let gone = try await swarm.withAnchor { _, address in address }
      try await swarm.withMember(of: [gone, gone]) { links in
        let register = RemoteRegister(links)
        let error = await refusal { _ = try await register.entry(at: SwarmKey("a")) }
        #expect(error?.code == .unavailable)
        #expect(
          error?.message.hasPrefix("no anchor of 2: the anchor at 127.0.0.1") == true, "\(error as Any)")
        let watch = await refusal { for try await _ in register.changes(under: SwarmKey("a"), after: 0) {} }
        #expect(watch?.code == .unavailable)
      }
    }
  }

  @Test func observerReadsAndWritesNothing() async throws {
    try await withTemporaryFolder { folder in
      let swarm = try TestSwarm(in: folder)
      let observer = try swarm.authority.identity(.observer, "Ada Lovelace")
      let file = try swarm.noise(100)
      try await swarm.withAnchor { _, address in
        try await swarm.withMember(observer, of: [address]) { links in
          let register = RemoteRegister(links)
          let entry = try await register.entry(at: SwarmKey("a"))
          #expect(entry == nil)
          let calls: [@Sendable () async throws -> Void] = [
            { _ = try await register.create(SwarmKey("a"), [], lease: nil, fence: nil) },
            { _ = try await register.grantLease(of: .seconds(5)) },
            { _ = try await register.renew(.init(1)) },
            { try await register.revoke(.init(1)) },
            { _ = try await RemoteRelay(links).put(file) },
          ]
          for call in calls {
            let error = await refusal { try await call() }
            #expect(error?.message.contains("has the role observer; expected") == true, "\(error as Any)")
          }
        }
      }
      #expect(swarm.register.entries(under: SwarmKey("a")).revision == 0)
    }
  }

  @Test(arguments: [Role.coordinator, .anchor]) func otherServersMayNotCall(role: Role) async throws {
    try await withTemporaryFolder { folder in
      let swarm = try TestSwarm(in: folder)
      try await swarm.withAnchor { _, address in
        try await swarm.withMember(swarm.authority.identity(role, "x"), of: [address]) { links in
          let error = await refusal { _ = try await RemoteRegister(links).entry(at: SwarmKey("a")) }
          #expect(error?.message.contains("has the role \(role.rawValue); expected") == true)
        }
      }
    }
  }

  @Test func strangerIsRefused() async throws {
    try await withTemporaryFolder { folder in
      let swarm = try TestSwarm(in: folder)
      let stranger = try swarm.authority.impostor().identity(.site, "DU")
      try await swarm.withAnchor { _, address in
        try await swarm.withMember(stranger, of: [address]) { links in
          let error = await refusal { _ = try await RemoteRegister(links).entry(at: SwarmKey("a")) }
          #expect(error?.code == .unavailable)
        }
      }
    }
  }

  @Test func memberAcceptsOnlyAnAnchor() async throws {
    try await withTemporaryFolder { folder in
      let swarm = try TestSwarm(in: folder)
      try await swarm.withAnchor(as: .coordinator) { _, address in
        try await swarm.withMember(of: [address]) { links in
          let error = await refusal { _ = try await RemoteRegister(links).entry(at: SwarmKey("a")) }
          #expect(error?.message.contains("has the role coordinator; expected anchor") == true)
        }
      }
    }
  }

  @Test func revokedMemberIsCutOff() async throws {
    try await withTemporaryFolder { folder in
      let swarm = try TestSwarm(in: folder)
      let member = try swarm.authority.identity(.site, "DU")
      let list = try swarm.authority.revoking([member])
      try await swarm.withAnchor { server, address in
        try await swarm.withMember(member, of: [address]) { links in
          let register = RemoteRegister(links)
          #expect(try await register.entry(at: SwarmKey("a")) == nil)
          server.update(try swarm.authority.authority.updated(with: list))
          var error: ConsiliumError?
          // The connection is closed first; the next one is told why.
          for _ in 0..<100 where error?.message.contains("was revoked on") != true {
            error = await refusal { _ = try await register.entry(at: SwarmKey("a")) }
            try await Task.sleep(for: .milliseconds(20))
          }
          #expect(error?.message.contains("was revoked on") == true, "\(error as Any)")
        }
      }
    }
  }
}
