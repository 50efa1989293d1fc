import Credentials
import Crypto
import FederatedCore
import Foundation
import GRPCCore
import TestSupport
import Testing

@testable import FederatedTransport

struct RemoteRelayTests {
  @Test func blobComesBackFromTheAnchorThatHasIt() async throws {
    try await withTemporaryFolder { folder in
      let swarm = try TestSwarm(in: folder)
      let file = try swarm.noise(3 << 20 | 17)
      let other = try swarm.authority.identity(.site, "HT")
      try await swarm.withAnchor("a") { _, first in
        try await swarm.withAnchor("b") { _, second in
          let blob = try await swarm.withMember(of: [second]) { try await RemoteRelay($0).put(file) }
          #expect(blob.size == 3 << 20 | 17)
          #expect(blob.digest == Data(SHA256.hash(data: try Data(contentsOf: file))))
          let copy = folder.appending(path: "copy")
          try await swarm.withMember(other, of: [first, second]) {
            let isThere = try await RemoteRelay($0).get(blob, to: copy)
            #expect(isThere)
          }
          #expect(try Data(contentsOf: copy) == Data(contentsOf: file))
          #expect(try openToOthers(in: swarm.relayFolder("b")) == [])
        }
      }
    }
  }

  @Test func transfersContinueWhereTheyStopped() async throws {
    try await withTemporaryFolder { folder in
      let swarm = try TestSwarm(in: folder)
      let file = try swarm.noise(2 << 20)
      let (blob, bytes) = (try RelayBlob(of: file), try Data(contentsOf: file))
      try await swarm.withAnchor { _, address in
        try await swarm.withMember(of: [address]) { links in
          // The first call breaks off.
          let half = try await links.relay.put { writer in
            try await writer.write(.with { $0.start = .with { $0.blob = blob.message } })
            try await writer.write(.with { $0.data = bytes.prefix(1 << 20) })
          }
          #expect(half.received == 1 << 20)
          #expect(try await links.relay.beginPut(blob.message).received == 1 << 20)
          let isThere = try await RemoteRelay(links).get(blob, to: folder.appending(path: "x"))
          #expect(!isThere)
          #expect(try await RemoteRelay(links).put(file) == blob)
          #expect(try await RemoteRelay(links).put(file) == blob)
          let copy = folder.appending(path: "copy")
          try bytes.prefix(700_000).write(to: copy.appendingPathExtension("part"))
          let isWhole = try await RemoteRelay(links).get(blob, to: copy)
          #expect(isWhole)
          #expect(try Data(contentsOf: copy) == bytes)
        }
      }
    }
  }

  @Test func bytesWithoutTheirDigestAreNotKept() async throws {
    try await withTemporaryFolder { folder in
      let swarm = try TestSwarm(in: folder)
      let blob = try RelayBlob(digest: Data(repeating: 7, count: 32), size: 10)
      try await swarm.withAnchor { _, address in
        try await swarm.withMember(of: [address]) { links in
          let error = await rpcRefusal {
            _ = try await links.relay.put { writer in
              try await writer.write(.with { $0.start = .with { $0.blob = blob.message } })
              try await writer.write(.with { $0.data = Data(repeating: 1, count: 10) })
            }
          }
          #expect(error?.code == .invalidArgument)
          #expect(error?.message.contains("are not those of its name") == true)
          let left = try await links.relay.beginPut(blob.message).received
          #expect(left == 0)
        }
      }
    }
  }

  @Test func impossibleMessagesAreRefused() async throws {
    try await withTemporaryFolder { folder in
      let swarm = try TestSwarm(in: folder)
      let blob = try RelayBlob(digest: Data(repeating: 7, count: 32), size: 10)
      typealias Part = Consilium_V1_PutPart
      let start = Part.with { $0.start = .with { $0.blob = blob.message } }
      let data = Part.with { $0.data = Data(repeating: 1, count: 6) }
      let bad: [[Part]] = [
        [], [data], [Part()], [start, start], [start, data, data], [start, .with { $0.data = Data() }],
        [.with { $0.start = .with { ($0.blob, $0.offset) = (blob.message, 7) } }],
        [.with { $0.start = .with { ($0.blob, $0.offset) = (blob.message, .max) } }],
        [.with { $0.start = .with { $0.blob = .with { ($0.digest, $0.size) = (Data(count: 31), 1) } } }],
        [.with { $0.start = .with { $0.blob = .with { $0.digest = Data(count: 32) } } }],
        [
          .with {
            $0.start = .with { $0.blob = .with { ($0.digest, $0.size) = (Data(count: 32), 4 << 20) } }
          },
          .with { $0.data = Data(count: 1 << 20 | 1) },
        ],
      ]
      try await swarm.withAnchor { _, address in
        try await swarm.withMember(of: [address]) { links in
          for (number, parts) in bad.enumerated() {
            let error = await rpcRefusal {
              _ = try await links.relay.put { writer in for part in parts { try await writer.write(part) } }
            }
            #expect(error?.code == .invalidArgument, "\(number): \(error as Any)")
          }
          for digest in [Data(), Data(count: 31), Data(count: 1000), Data("../../../etc/passwd".utf8)] {
            let get = await rpcRefusal {
              try await links.relay.get(.with { $0.digest = digest }) { for try await _ in $0.messages {} }
            }
            #expect(get?.code == .invalidArgument)
            let remove = await rpcRefusal { _ = try await links.relay.remove(.with { $0.digest = digest }) }
            #expect(remove?.code == .invalidArgument)
          }
        }
      }
    }
  }

  @Test func limitsHoldForEachSender() async throws {
    try await withTemporaryFolder { folder in
      var swarm = try TestSwarm(in: folder)
      (swarm.limits.largestBlob, swarm.limits.bytesPerParty, swarm.limits.filesPerParty) = (3000, 5000, 3)
      let other = try swarm.authority.identity(.site, "HT")
      let (large, first, second, third, small) = (
        try swarm.noise(3001, "1"), try swarm.noise(3000, "2"), try swarm.noise(2500, "3"),
        try swarm.noise(2000, "4"), try swarm.noise(1, "5")
      )
      try await swarm.withAnchor { [swarm] _, address in
        try await swarm.withMember(of: [address]) { links in
          let relay = RemoteRelay(links)
          #expect(await refusal { _ = try await relay.put(large) }?.message.contains("too large") == true)
          let blob = try await relay.put(first)
          #expect(await refusal { _ = try await relay.put(second) }?.code == .invalidInput)
          _ = try await relay.put(third)
          // Another sender has limits of its own, and cannot remove what is not its own.
          try await swarm.withMember(other, of: [address]) { others in
            _ = try await RemoteRelay(others).put(second)
            try await RemoteRelay(others).remove(blob)
          }
          let isThere = try await relay.get(blob, to: folder.appending(path: "copy"))
          #expect(isThere)
          let holds = try await relay.holds(blob)
          #expect(holds)
          try await relay.remove(blob)
          try await relay.remove(blob)
          let isLeft = try await relay.get(blob, to: folder.appending(path: "x"))
          #expect(!isLeft)
          _ = try await relay.put(second)
          _ = try await relay.put(small)
          #expect(await refusal { _ = try await relay.put(first) }?.message.contains("keeps 3 blobs") == true)
        }
      }
    }
  }

  @Test(.enabled(if: SmallDisk.isPossible)) func fullDiskIsToldAndNothingElseBreaks() async throws {
    try await SmallDisk.with(megabytes: 2) { disk in
      try await withTemporaryFolder { folder in
        let swarm = try TestSwarm(in: folder)
        try FileManager.default.createSymbolicLink(at: swarm.relayFolder(), withDestinationURL: disk)
        let (large, small) = (try swarm.noise(4 << 20, "large"), try swarm.noise(1000, "small"))
        try await swarm.withAnchor { _, address in
          try await swarm.withMember(of: [address]) { links in
            let error = await refusal { _ = try await RemoteRelay(links).put(large) }
            #expect(error?.code == .storage, "\(error as Any)")
            #expect(error?.message.contains(disk.path) == false)
            try await RemoteRelay(links).remove(RelayBlob(of: large))
            _ = try await RemoteRelay(links).put(small)
          }
        }
      }
    }
  }
}
