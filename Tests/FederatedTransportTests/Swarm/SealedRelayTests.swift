import Credentials
import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import FederatedTesting
import Foundation
import ParameterFiles
import TestSupport
import Testing

@testable import FederatedTransport

struct SealedRelayTests {
  private static let root = SwarmKey("consilium/1/study/sealed")

  private func relay(
    _ links: AnchorLinks, _ name: String, _ own: SealingKey, for recipients: [SealingKey], in swarm: TestSwarm
  ) throws
    -> SealedRelay
  {
    try SealedRelay(
      RemoteRelay(links), register: RemoteRegister(links), under: Self.root,
      folder: swarm.folder.appending(path: "member-\(name)"), own: own,
      recipients: recipients.map(\.publicKey))
  }

  private func model(_ value: Float) -> NamedParts {
    NamedParts(
      ModelParameters(
        layout: ParameterLayout(entries: [.init(name: "w", shape: [1000])]),
        values: [Float](repeating: value, count: 1000)))
  }

  @Test func satisfiesTheRelayLaws() async throws {
    try await withTemporaryFolder { folder in
      let (swarm, own) = (try TestSwarm(in: folder), SealingKey())
      try await swarm.withAnchor { _, address in
        try await swarm.withMember(of: [address]) { links in
          try await SwarmRelayLaws(relay(links, "DU", own, for: [own], in: swarm)).check()
        }
      }
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "member-DU").path) == [])
    }
  }

  @Test func onlyRecipientsReadAndTheAnchorSeesNothing() async throws {
    try await withTemporaryFolder { folder in
      let swarm = try TestSwarm(in: folder)
      let (sender, merger, other) = (SealingKey(), SealingKey(), SealingKey())
      try await swarm.withAnchor { _, address in
        try await swarm.withMember(of: [address]) { links in
          let parts = model(0.1)
          let digest = try await relay(links, "a", sender, for: [merger], in: swarm).put(parts)
          let found = try await relay(links, "b", merger, for: [], in: swarm).parts(digest)
          #expect(found.map { ParameterDigest.sha256(of: $0) } == digest)
          let foreign = try await relay(links, "c", other, for: [], in: swarm).parts(digest)
          #expect(foreign == nil)
        }
      }
      let planted = withUnsafeBytes(of: (Float(0.1), Float(0.1))) { Data($0) }
      let files = FileManager.default.enumerator(atPath: swarm.relayFolder().path)?.compactMap {
        $0 as? String
      }
      #expect(files?.count == 2)
      for name in files ?? [] {
        let bytes = try? Data(contentsOf: swarm.relayFolder().appending(path: name))
        #expect(bytes?.range(of: planted) == nil)
      }
    }
  }

  @Test func forgedEntriesAreIgnored() async throws {
    try await withTemporaryFolder { folder in
      let (swarm, own) = (try TestSwarm(in: folder), SealingKey())
      try await swarm.withAnchor { _, address in
        try await swarm.withMember(of: [address]) { links in
          let relay = try relay(links, "a", own, for: [own], in: swarm)
          let digest = ParameterDigest.sha256(of: model(1))
          let forged = Self.root.appending(digest)
          // Other parameters under this digest, blobs that do not exist, and entries that are no entries.
          let other = try await relay.put(model(2))
          let entry = try #require(swarm.register.entries(under: Self.root.appending(other)).entries.first)
          let name = try #require(entry.key.description.split(separator: "/").last.map(String.init))
          for (name, value) in [
            (name, entry.value), (String(repeating: "0", count: 64), entry.value), ("00", entry.value),
            ("zz", entry.value), (String(repeating: "1", count: 64), Array("{}".utf8)),
          ] {
            _ = swarm.register.create(forged.appending(name), value, lease: nil, fence: nil)
          }
          let none = try await relay.parts(digest)
          #expect(none == nil)
          let own = try await relay.put(model(1))
          #expect(own == digest)
          let found = try await relay.parts(digest)
          #expect(found.map { ParameterDigest.sha256(of: $0) } == digest)
        }
      }
    }
  }

  @Test func aMemberKeepsOnlyItsNewestBlobs() async throws {
    try await withTemporaryFolder { folder in
      let (swarm, own) = (try TestSwarm(in: folder), SealingKey())
      try await swarm.withAnchor { _, address in
        try await swarm.withMember(of: [address]) { links in
          let relay = try relay(links, "a", own, for: [own], in: swarm)
          var digests: [String] = []
          for number in 0..<(SealedRelay.kept + 2) {
            digests.append(try await relay.put(model(Float(number))))
          }
          for (place, digest) in digests.enumerated() {
            let isThere = try await relay.parts(digest) != nil
            #expect(isThere == (place >= 2), "\(place)")
          }
        }
      }
    }
  }

  @Test func anchorOutOfReachIsNotTakenForAnAbsentBlob() async throws {
    try await withTemporaryFolder { folder in
      let (swarm, own) = (try TestSwarm(in: folder), SealingKey())
      let gone = try await swarm.withAnchor("b") { _, address in address }
      try await swarm.withAnchor { _, address in
        try await swarm.withMember(of: [address]) { links in
          let relay = try relay(links, "a", own, for: [own], in: swarm)
          let digest = try await relay.put(model(1))
          try FileManager.default.removeItem(at: swarm.relayFolder())
          let lost = try await relay.parts(digest)
          #expect(lost == nil)
          // What the anchor has lost is sent again.
          try FileManager.default.createDirectory(at: swarm.relayFolder(), withIntermediateDirectories: true)
          let again = try await relay.put(model(1))
          #expect(again == digest)
          let found = try await relay.parts(digest)
          #expect(found != nil)
          try FileManager.default.removeItem(at: swarm.relayFolder())
          try await swarm.withMember(of: [address, gone]) { links in
            let relay = try self.relay(links, "c", own, for: [own], in: swarm)
            let error = await refusal { _ = try await relay.parts(digest) }
            #expect(error?.code == .unavailable)
          }
        }
      }
    }
  }

  /// Three members behind two anchors, each with its own connections and its own key.
  @Test func swarmOverTheNetworkGivesTheModelOfTheStar() async throws {
    try await withTemporaryFolder { folder in
      let swarm = try TestSwarm(in: folder)
      let sites = (0..<3).map { SiteID("site-\($0)") }
      let keys = sites.map { _ in SealingKey() }
      let initial = ReferenceTrainer.sites(1)[0].initialModel
      let settings = FederationSettings(
        arm: "arm", rounds: 3, learningRate: { _ in 0.05 }, seed: 11, required: Set(sites), minimumSites: 1,
        selection: ModelSelection(metric: "loss", higherIsBetter: false))
      let trainers = ReferenceTrainer.sites(3)
      let star = try Federation(
        settings: settings, strategy: FedAdam(), topology: Star(),
        members: zip(sites, trainers).map { .init(site: $0, trainer: $1) })
      let expected = try await star.run(from: initial).lastModel
      let members = zip(sites, trainers).map {
        SwarmFederation<FedAdam, ReferenceTrainer>.Member(site: $0, trainer: $1)
      }
      try await swarm.withAnchor("a") { _, first in
        try await swarm.withAnchor("b") { _, second in
          let links = try sites.map { site in
            try AnchorLinks(
              [first, second], keeper: IdentityKeeper(try swarm.authority.identity(.site, site.rawValue)))
          }
          let relays = try sites.indices.map {
            try relay(links[$0], "\($0)", keys[$0], for: keys, in: swarm)
          }
          let place = Dictionary(uniqueKeysWithValues: zip(sites, sites.indices))
          let federation = try SwarmFederation(
            settings: settings, strategy: FedAdam(), topology: Star(), members: members,
            swarm: SwarmSettings(study: "study", mergers: sites), journal: InMemoryJournal(),
            events: { _ in }, clock: MachineSwarmClock(),
            register: { RemoteRegister(links[place[$0] ?? 0]) }, relay: { relays[place[$0] ?? 0] })
          try await withThrowingTaskGroup(of: Void.self) { group in
            for link in links { group.addTask { try? await link.run() } }
            defer { group.cancelAll() }
            let model = try await federation.run(from: initial).lastModel
            #expect(model == expected)
          }
        }
      }
    }
  }
}
