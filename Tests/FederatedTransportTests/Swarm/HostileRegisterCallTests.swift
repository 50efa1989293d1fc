import Credentials
import CredentialsTesting
import FederatedCore
import Foundation
import GRPCCore
import TestSupport
import Testing

@testable import FederatedTransport

/// Requests that no client of ours sends.
struct HostileRegisterCallTests {
  private static let badKeys = [
    "", "/", "a/", "/a", "a//b", ".", "..", "a/../b", "a b", "a\u{0}b", "a\nb", "ä", "a\\b", "a*",
    String(repeating: "k", count: 513), String(repeating: "a/", count: 16) + "a",
    String(repeating: "k", count: 1 << 20),
  ]

  @Test func badKeysAreRefusedEverywhere() async throws {
    try await withTemporaryFolder { folder in
      let swarm = try TestSwarm(in: folder)
      try await swarm.withAnchor { _, address in
        try await swarm.withMember(of: [address]) { links in
          let register = links.register
          for key in Self.badKeys {
            let calls: [@Sendable () async throws -> Void] = [
              { _ = try await register.readEntry(.with { $0.key = key }) },
              {
                try await register.listEntries(.with { $0.key = key }) { for try await _ in $0.messages {} }
              },
              { _ = try await register.createEntry(.with { $0.key = key }) },
              {
                _ = try await register.createEntry(
                  .with {
                    $0.key = "a"
                    $0.fence = .with { $0.key = key }
                  })
              },
              {
                try await register.followEntries(.with { $0.key = key }) { for try await _ in $0.messages {} }
              },
            ]
            for call in calls {
              let error = await rpcRefusal { try await call() }
              #expect(error?.code == .invalidArgument, "\(key.prefix(20)): \(error as Any)")
              #expect((error?.message.count ?? 9999) < 400)
            }
          }
        }
      }
      #expect(swarm.register.entries(under: SwarmKey("a")).revision == 0)
    }
  }

  @Test func valuesLeasesAndRevisionsOutOfRangeAreRefused() async throws {
    try await withTemporaryFolder { folder in
      let swarm = try TestSwarm(in: folder)
      try await swarm.withAnchor { _, address in
        try await swarm.withMember(of: [address]) { links in
          let register = links.register
          func create(_ bytes: Int) async -> RPCError? {
            await rpcRefusal {
              _ = try await register.createEntry(
                .with { ($0.key, $0.value) = ("a", Data(repeating: 0, count: bytes)) })
            }
          }
          #expect(await create(SwarmLimits.largestValue + 1)?.code == .invalidArgument)
          // More than one message may have: the call is aborted.
          #expect(await create(8 << 20) != nil)
          for milliseconds in [0, 1, 999, 3_600_001, .max] as [UInt32] {
            let error = await rpcRefusal {
              _ = try await register.grantLease(.with { $0.milliseconds = milliseconds })
            }
            #expect(error?.code == .invalidArgument)
          }
          let revision = await rpcRefusal {
            try await register.followEntries(.with { ($0.key, $0.after) = ("a", .max) }) {
              for try await _ in $0.messages {}
            }
          }
          #expect(revision?.code == .invalidArgument)
          let unknown = try await register.renewLease(.with { $0.id = -7 })
          #expect(!unknown.isRenewed)
          // The anchor still serves.
          #expect(await create(3) == nil)
        }
      }
    }
  }

  @Test func aMemberCannotTakeThePlaceOfAnother() async throws {
    try await withTemporaryFolder { folder in
      let swarm = try TestSwarm(in: folder)
      try await swarm.withAnchor { _, address in
        for (role, name) in [(Role.site, "HT"), (.host, "DU"), (.lead, "DU")] {
          let other = try swarm.authority.identity(role, name)
          try await swarm.withMember(other, of: [address]) { links in
            for folder in ["offer", "witness", "validation"] {
              let error = await refusal {
                _ = try await RemoteRegister(links).create(
                  SwarmKey("consilium/1/s/a/1/\(folder)/DU"), [], lease: nil, fence: nil)
              }
              #expect(error?.message.contains("this entry is another member's") == true, "\(error as Any)")
            }
          }
        }
        try await swarm.withMember(of: [address]) { links in
          let own = SwarmKey("consilium/1/s/a/1/offer/DU")
          let outcome = try await RemoteRegister(links).create(own, [], lease: nil, fence: nil)
          #expect(outcome == swarm.register.entry(at: own).map(SwarmCreation.created))
        }
      }
    }
  }

  @Test func aMemberFollowsOnlySoManyStreams() async throws {
    try await withTemporaryFolder { folder in
      let swarm = try TestSwarm(in: folder)
      try await swarm.withAnchor { _, address in
        try await swarm.withMember(of: [address]) { links in
          let register = RemoteRegister(links)
          _ = try await register.create(SwarmKey("a/b"), [], lease: nil, fence: nil)
          let streams = (0..<WatchLimit.perParty).map { _ in register.changes(under: SwarmKey("a"), after: 0)
          }
          var iterators = streams.map { $0.makeAsyncIterator() }
          for place in iterators.indices { #expect(try await iterators[place].next() != nil) }
          let error = await refusal { for try await _ in register.changes(under: SwarmKey("a"), after: 0) {} }
          #expect(error?.message.contains("already follows 16 event streams") == true, "\(error as Any)")
        }
      }
    }
  }
}
