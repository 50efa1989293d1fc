import CredentialsTesting
import FederatedCore
import FederatedTesting
import Foundation
import GRPCCore
import Synchronization
import TestSupport
import Testing

@testable import FederatedTransport

/// After a link failure, only the missing bytes are transferred again.
@Suite(.serialized)
struct LinkFaultTests {
  private let size = 6 << 20
  /// The bytes that may cross in addition: a chunk in transfer, TLS, headers, and data in flight when the
  /// link failed.
  private let spare = 3 << 20

  private func withLink(
    _ fault: FaultyLink.Fault = .cut,
    _ body:
      @escaping @Sendable (CoordinatorClient, FaultyLink, _ remote: BlobStore, _ local: BlobStore)
      async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      var consortium = try TestConsortium(in: folder)
      if fault == .silence {
        consortium.keepalive = (.seconds(1), .seconds(2))
        consortium.limits.keepalive = (.seconds(1), .seconds(2))
      }
      let site = try consortium.authority.identity(.site, "a")
      let layout = ParameterLayout(entries: [.init(name: "large", shape: [4 << 20])])
      let (endpoint, _) = try await consortium.openStudy(layout: layout)
      let incoming = try await endpoint.store(for: SiteID("a"), announcing: nil)
      try await consortium.withServer { [consortium] server, port in
        try await FaultyLink.with(target: port) { link, linkPort in
          try await consortium.withClient(site, port: linkPort) { client in
            _ = try await client.join()
            let local = try BlobStore(folder.appending(path: "local"))
            try await body(client, link, incoming, local)
          }
        }
      }
    }
  }

  @Test(arguments: [FaultyLink.Fault.cut, .silence])
  func interruptedUploadResumes(fault: FaultyLink.Fault) async throws {
    try await withLink(fault) { client, link, remote, local in
      let blob = try local.addNoise(size)
      let before = link.crossed(.up)
      try await link.misbehaving(
        fault, after: size / 2, .up, taken: { remote.keptBytes(of: blob) >= size / 3 }
      ) {
        try await client.send(blob, of: "s", from: local)
      }
      #expect(try BlobFile.describe(remote.url(of: blob)) == blob)
      #expect(link.crossed(.up) - before < size + spare)
      #expect(link.connectionCount >= 2)
    }
  }

  /// Before the server's first bytes nothing else notices the failure: TCP has nothing to send, and gRPC
  /// sends no ping yet.
  @Test func linkSilentDuringTheHandshakeIsClosed() async throws {
    try await withTemporaryFolder { folder in
      var consortium = try TestConsortium(in: folder)
      consortium.keepalive = (.seconds(1), .seconds(2))
      let site = try consortium.authority.identity(.site, "a")
      try await consortium.withServer { [consortium] server, port in
        try await FaultyLink.with(target: port) { link, linkPort in
          link.silenceNext()
          try await consortium.withClient(site, port: linkPort) { client in
            _ = try await client.join()
            #expect(link.connectionCount == 2)
          }
        }
      }
    }
  }

  /// The site's half starts over with frame 0, and the host with an empty sum.
  @Test func conversationBrokenByTheLinkIsRepeated() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let site = try consortium.authority.identity(.site, "a")
      let (_, mailbox) = try await consortium.openStudy()
      let stage = StreamedSumStage { _ in [[1], [2], [3]] }
      let schema = try #require(stage.stream)
      let assignment = Assignment(id: .init(round: 1, stage: 0), message: StageMessage(stage.question.kind))
      await mailbox.assign(assignment, to: SiteID("a"), stream: schema) { StreamedSum() }
      let runs = Mutex(0)
      try await consortium.withServer { server, port in
        try await FaultyLink.with(target: port) { link, linkPort in
          try await consortium.withClient(site, port: linkPort) { client in
            let transport = try consortium.transport(client, "a")
            let replies = try await transport.converse(about: assignment, from: SiteID("a")) { send in
              let run = runs.withLock { count in
                count += 1
                return count
              }
              let channel = StageChannel(
                schema, of: assignment, gate: ReleaseGate(), journal: nil, send: send)
              var replies: [StageTensor?] = []
              for value in [1, 2, 3] as [UInt32] {
                if value == 2, run == 1 { link.cut() }
                let frame = StreamedSumStage.Numbers(StreamedSumStage.frame, [value])
                replies.append(try await channel.exchange(frame).tensors["values"])
              }
              return replies
            }
            #expect(replies == [.u32([1]), .u32([3]), .u32([6])])
          }
        }
      }
      #expect(runs.withLock(\.self) == 2)
    }
  }

  @Test(arguments: [FaultyLink.Fault.cut, .silence])
  func interruptedDownloadResumes(fault: FaultyLink.Fault) async throws {
    try await withTemporaryFolder { folder in
      var consortium = try TestConsortium(in: folder)
      if fault == .silence {
        consortium.keepalive = (.seconds(1), .seconds(2))
        consortium.limits.keepalive = (.seconds(1), .seconds(2))
      }
      let site = try consortium.authority.identity(.site, "a")
      let (endpoint, _) = try await consortium.openStudy()
      let blob = try endpoint.outgoing.addNoise(size)
      try await consortium.withServer { [consortium] server, port in
        try await FaultyLink.with(target: port) { link, linkPort in
          try await consortium.withClient(site, port: linkPort) { client in
            _ = try await client.join()
            let local = try BlobStore(folder.appending(path: "local"))
            let before = link.crossed(.down)
            try await link.misbehaving(
              fault, after: size / 2, .down, taken: { local.keptBytes(of: blob) >= size / 3 }
            ) {
              try await client.fetch(blob, of: "s", into: local)
            }
            #expect(try BlobFile.describe(local.url(of: blob)) == blob)
            #expect(link.crossed(.down) - before < size + spare)
            #expect(link.connectionCount >= 2)
          }
        }
      }
    }
  }

  @Test func callSurvivesAServerRestart() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let site = try consortium.authority.identity(.site, "a")
      let (_, mailbox) = try await consortium.openStudy()
      let port = try await consortium.withServer { _, port in port }
      try await consortium.withClient(site, port: port) { client in
        let transport = try consortium.transport(client, "a")
        // Call while no server is running, and again while the server shuts down during the call.
        let answer = Task { try await transport.nextAssignment(for: SiteID("a")) }
        try await consortium.withServer(port: port) { server, _ in
          _ = try await client.join()
        }
        try await consortium.withServer(port: port) { server, _ in
          await mailbox.assign(.some(1), to: SiteID("a"))
          let model = try await answer.value?.model
          #expect(model == ModelParameters.some(1))
        }
      }
    }
  }

  @Test func slowUploadIsStoppedAndItsChunksAreKept() async throws {
    try await withTemporaryFolder { folder in
      var consortium = try TestConsortium(in: folder)
      consortium.limits.chunk = .seconds(3)
      let site = try consortium.authority.identity(.site, "a")
      let layout = ParameterLayout(entries: [.init(name: "large", shape: [4 << 20])])
      let (endpoint, _) = try await consortium.openStudy(layout: layout)
      let local = try BlobStore(folder.appending(path: "local"))
      let blob = try local.addNoise(3 << 20)
      try await consortium.withServer { [consortium] server, port in
        try await consortium.withClient(site, port: port) { client in
          _ = try await client.link.files.beginUpload(.with { ($0.study, $0.blob) = ("s", blob.message) })
          let (endless, _) = AsyncStream<Void>.makeStream()
          let error = await #expect(throws: RPCError.self) {
            _ = try await client.link.files.upload { writer in
              try await writer.write(.start(.with { ($0.study, $0.digest) = ("s", blob.digest) }))
              try await writer.write(.chunk(OutgoingChunk(file: try local.open(blob), index: 0)))
              for await _ in endless {}
            }
          }
          #expect(error?.code == .deadlineExceeded)
          #expect(error?.message.hasPrefix("a chunk of an upload took longer than") == true)
          #expect(error?.isPassing == true)
          let incoming = try await endpoint.store(for: SiteID("a"), announcing: nil)
          #expect(try incoming.firstMissing(of: blob) == 1)
        }
      }
    }
  }

  @Test func oversizedMessageIsNotRetried() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let site = try consortium.authority.identity(.site, "a")
      try await consortium.withServer { server, port in
        try await consortium.withClient(site, port: port) { client in
          try await client.decide(Data(count: 1 << 20), study: "s")
          let error = await refusal { try await client.decide(Data(count: 8 << 20), study: "s") }
          #expect(error?.message.hasPrefix("the decision has 8388608 bytes; at most") == true)
          // A message that is sent without this check is refused, too.
          await #expect(throws: RPCError.self) {
            try await client.coordination.decide(.with { $0.decision = Data(count: 8 << 20) })
          }
          _ = try await client.join()
        }
      }
      #expect(await consortium.program.decisions.count == 1)
    }
  }

  @Test func unreadableLocalFileEndsTheUpload() async throws {
    try await withLink { client, link, remote, local in
      let blob = try local.addNoise(size)
      #expect(truncate(local.url(of: blob).path, off_t(size / 2)) == 0)
      let error = await refusal { try await client.send(blob, of: "s", from: local) }
      #expect(error?.code == .storage)
      #expect(error?.message.contains("is shorter than it was") == true, "\(error as Any)")
    }
  }
}

extension BlobStore {
  /// The number of bytes of a partly transferred blob on disk.
  fileprivate func keptBytes(of blob: BlobDescriptor) -> Int {
    (try? FileManager.default.attributesOfItem(atPath: partURL(of: blob).path)[.size] as? Int) ?? 0
  }
}
