import Credentials
import FederatedCore
import Foundation
import TestSupport
import Testing

@testable import FederatedTransport

struct SealedFileTests {
  @Test func sealedUpdateReachesTheMergerAndNobodyElseReadsIt() async throws {
    try await withTemporaryFolder { folder in
      let swarm = try TestSwarm(in: folder)
      let (merger, context) = (SealingKey(), "study s, arm swarm, round 1, site DU")
      // A planted tensor in an update.
      let update = try swarm.noise(1 << 20 | 77)
      let planted = try Data(contentsOf: update)[5000..<5064]
      let key = ContentKey()
      let sealed = folder.appending(path: "sealed")
      try SealedBlob(key, context: context).seal(update, to: sealed)
      #expect(try mode(of: sealed) == 0o600)
      let wrapped = try key.wrapped(for: merger.publicKey, context: context)
      try await swarm.withAnchor { _, address in
        let blob = try await swarm.withMember(of: [address]) { try await RemoteRelay($0).put(sealed) }
        let other = try swarm.authority.identity(.site, "HT")
        try await swarm.withMember(other, of: [address]) {
          let isThere = try await RemoteRelay($0).get(blob, to: folder.appending(path: "fetched"))
          #expect(isThere)
        }
      }
      let files = FileManager.default.enumerator(atPath: swarm.relayFolder().path)?.compactMap {
        $0 as? String
      }
      for name in files ?? [] {
        let bytes = try? Data(contentsOf: swarm.relayFolder().appending(path: name))
        #expect(bytes?.range(of: planted) == nil)
      }
      let opened = folder.appending(path: "opened")
      let mergersKey = try ContentKey(opening: wrapped, with: merger, context: context)
      try SealedBlob(mergersKey, context: context).open(folder.appending(path: "fetched"), to: opened)
      #expect(try Data(contentsOf: opened) == Data(contentsOf: update))
    }
  }

  @Test func alteredFileLeavesNothingBehind() throws {
    try withTemporaryFolder { folder in
      let (plain, sealed) = (folder.appending(path: "plain"), folder.appending(path: "sealed"))
      try Data(count: 3 << 20).write(to: plain)
      let seal = SealedBlob(ContentKey(), context: "c")
      try seal.seal(plain, to: sealed)
      var bytes = try Data(contentsOf: sealed)
      bytes[bytes.count - 1] ^= 1
      try bytes.write(to: sealed)
      let error = #expect(throws: ConsiliumError.self) {
        try seal.open(sealed, to: folder.appending(path: "opened"))
      }
      #expect(error?.code == .invalidUpdate)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["plain", "sealed"])
    }
  }
}
