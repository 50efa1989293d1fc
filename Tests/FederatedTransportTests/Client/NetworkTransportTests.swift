import CredentialsTesting
import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import FederatedTesting
import Foundation
import ParameterFiles
import Synchronization
import TestSupport
import Testing

@testable import FederatedTransport

struct NetworkTransportTests {
  /// A transport for all sites. Each site uses its own network transport, which is bound to one identity.
  private struct EachForItself: SiteTransport {
    let transports: [SiteID: NetworkTransport]

    func nextAssignment(for site: SiteID) async throws -> Assignment? {
      try await transport(site).nextAssignment(for: site)
    }

    func submit(_ answer: StageAnswer, to assignment: Assignment, from site: SiteID) async throws {
      try await transport(site).submit(answer, to: assignment, from: site)
    }

    func converse<Result: Sendable>(
      about assignment: Assignment, from site: SiteID,
      _ body: @escaping @Sendable (@escaping FrameExchange) async throws -> Result
    ) async throws -> Result {
      try await transport(site).converse(about: assignment, from: site, body)
    }

    private func transport(_ site: SiteID) throws -> NetworkTransport {
      guard let transport = transports[site] else { throw ConsiliumError(.invalidInput, "no site \(site)") }
      return transport
    }
  }

  @Test func obeysTheLaws() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let (a, b) = (
        try consortium.authority.identity(.site, "a"), try consortium.authority.identity(.site, "b")
      )
      // The layout of the models in the laws.
      let layout = ParameterLayout(entries: [.init(name: "w", shape: [5])])
      let studies = Mutex(0)
      try await consortium.withServer { server, port in
        try await consortium.withClient(a, port: port) { first in
          try await consortium.withClient(b, port: port) { second in
            try await SiteTransportLaws {
              let study = studies.withLock { count -> String in
                count += 1
                return "s\(count)"
              }
              let (endpoint, mailbox) = try await consortium.openStudy(study, layout: layout)
              return .init(
                transport: EachForItself(transports: [
                  SiteID("a"): try consortium.transport(first, "a", study: study, layout: layout),
                  SiteID("b"): try consortium.transport(second, "b", study: study, layout: layout),
                ]),
                assign: { await mailbox.assign($0, to: $1) },
                assignStream: { await mailbox.assign($0, to: $1, stream: $2, openHost: $3) },
                withdraw: { await mailbox.withdraw(from: $0) },
                nextAnswer: {
                  for await case .answer(let answer, let id, let site) in mailbox.mail {
                    return (site, id, answer)
                  }
                  return nil
                },
                close: {
                  await mailbox.close()
                  await endpoint.end(arm: TestConsortium.arm)
                })
            }.check()
          }
        }
      }
    }
  }

  /// If the evaluation were sent, the failure would look like a link that breaks again and again.
  @Test func oversizedEvaluationIsNotSent() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let site = try consortium.authority.identity(.site, "a")
      try await consortium.withServer { _, port in
        try await consortium.withClient(site, port: port) { client in
          let transport = try consortium.transport(client, "a")
          let replicates = [Double](repeating: 0.5, count: NetworkTuning.largestMessage / 8 + 1)
          let metric = MetricEstimate(name: "dice", value: 0.5, patientCount: 9, replicates: replicates)
          let evaluation = SiteEvaluation(patientCount: 9, exampleCount: 9, loss: nil, metrics: [metric])
          let error = await refusal {
            let assignment = Assignment.some(1)
            let released = try await ReleaseGate().release(
              StageDraft(evaluation), answering: assignment, as: SiteEvaluation.schema)
            try await transport.submit(.message(released), to: assignment, from: SiteID("a"))
          }
          #expect(error?.code == .invalidUpdate)
          #expect(error?.message.contains("ask for fewer bootstrap replicates") == true)
        }
      }
    }
  }

  @Test func updateOfTwoVectorsArrivesUnchanged() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let site = try consortium.authority.identity(.site, "a")
      let (_, mailbox) = try await consortium.openStudy(vectors: 2)
      let beside = NamedParts(names: ["control"], parts: [.some(9)])
      var assignment = Assignment.some(1)
      assignment.message.tensors["message"] = .parameters(beside)
      await mailbox.assign(assignment, to: SiteID("a"))
      let update = Scaffold.Update(model: .some(2), control: .some(3))
      try await consortium.withServer { [assignment] server, port in
        try await consortium.withClient(site, port: port) { client in
          let transport = try consortium.transport(client, "a")
          let received = try #require(await transport.nextAssignment(for: SiteID("a")))
          #expect(received.message == assignment.message)
          #expect(received.files.keys.sorted() == ["message", "model"])
          let summary = TrainingSummary(exampleCount: 7, stepCount: 1, loss: 0.5, seconds: 2)
          let released = try await release(update, weight: 7, summary, for: received)
          try await transport.submit(.message(released), to: received, from: SiteID("a"))
        }
      }
      var mail = mailbox.mail.makeAsyncIterator()
      guard case .answer(.message(let answer), _, let site)? = await mail.next() else {
        throw LawBrokenHere("no update")
      }
      let arrived = try ReceivedUpdate<Scaffold.Update>(answer, site: site, round: 1)
      #expect(arrived.update.payload == update)
      #expect(arrived.update.weight == 7)
      #expect(arrived.summary.exampleCount == 7)
      #expect(answer.files["update"]?.count == 64)
    }
  }

  /// For example, after the file of another arm's identical update was removed.
  @Test func updateLostByTheCoordinatorIsSentAgain() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let site = try consortium.authority.identity(.site, "a")
      let checks = Mutex(0)
      let (endpoint, mailbox) = try await consortium.openStudy(
        check: {
          _, contribution in
          let count = checks.withLock { count in
            count += 1
            return count
          }
          guard count < 3 else { return }
          let incoming = folder.appending(path: "s/incoming/a/\(contribution.updateDigest).safetensors")
          try FileManager.default.removeItem(at: incoming)
        })
      #expect(endpoint.members.count == 2)
      await mailbox.assign(.some(1), to: SiteID("a"))
      try await consortium.withServer { server, port in
        try await consortium.withClient(site, port: port) { client in
          let transport = try consortium.transport(client, "a")
          let received = try #require(await transport.nextAssignment(for: SiteID("a")))
          let summary = TrainingSummary(exampleCount: 1, stepCount: 1, loss: 0.5, seconds: 2)
          let released = try await release(ModelParameters.some(2), weight: 1, summary, for: received)
          try await transport.submit(.message(released), to: received, from: SiteID("a"))
        }
      }
      #expect(checks.withLock { $0 } == 3)
      var mail = mailbox.mail.makeAsyncIterator()
      guard case .answer(.message(let answer), _, _)? = await mail.next() else {
        throw LawBrokenHere("no update")
      }
      #expect(try answer.message.parameters("update").parts == [.some(2)])
    }
  }

  /// Files of earlier work are removed before the next model arrives.
  @Test func oldFilesAreRemovedBeforeNewOnesAreFetched() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let site = try consortium.authority.identity(.site, "a")
      let (_, mailbox) = try await consortium.openStudy()
      let cleared = Mutex<[(kind: StageMessage.Kind, isThere: Bool, files: [String: String])]>([])
      var training = Assignment.some(1)
      training.message.tensors["message"] = .parameters(
        NamedParts(names: ["control"], parts: [ModelParameters.some(2)]))
      let evaluation = Assignment(
        id: .init(round: 1, stage: nil), message: .evaluate(.some(1), on: .test))
      try await consortium.withServer { [training] server, port in
        try await consortium.withClient(site, port: port) { client in
          let store = try BlobStore(folder.appending(path: "site-a"))
          let transport = NetworkTransport(
            client, study: "s", arm: TestConsortium.arm, layout: TestConsortium.layout, store: store,
            sign: { _, _, _ in Data() },
            clear: { _, kind, files in
              let file = store.folder.appending(path: files["model", default: ""] + ".safetensors").path
              cleared.withLock { $0.append((kind, FileManager.default.fileExists(atPath: file), files)) }
            })
          for assignment in [training, evaluation] {
            await mailbox.assign(assignment, to: SiteID("a"))
            #expect(try await transport.nextAssignment(for: SiteID("a"))?.id == assignment.id)
          }
        }
      }
      #expect(cleared.withLock { $0.map(\.kind) } == [.train, .evaluate])
      #expect(cleared.withLock { $0.map(\.isThere) } == [false, true])
      let extra = try #require(cleared.withLock { $0.first?.files["message"] })
      let file = folder.appending(path: "site-a/\(extra).safetensors")
      #expect(try ParameterFile.read(from: file).parts == [.some(2)])
    }
  }

  /// Short vectors are sent in the message, longer vectors as files.
  @Test(arguments: [10, 100_000]) func integerVectorsArriveUnchanged(count: Int) async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let site = try consortium.authority.identity(.site, "a")
      let (_, mailbox) = try await consortium.openStudy()
      var generator = RandomStream(seed: 5)
      let words = (0..<count).map { _ in UInt64.random(in: 0...UInt64.max, using: &generator) }
      let message = StageMessage(
        StageMessage.Kind("shares"),
        tensors: [
          "masked": .u64(VectorBuffer(words)),
          "short": .u32(VectorBuffer(words.map { UInt32(truncatingIfNeeded: $0) })),
        ])
      await mailbox.assign(Assignment(id: .init(round: 1, stage: 0), message: message), to: SiteID("a"))
      try await consortium.withServer { server, port in
        try await consortium.withClient(site, port: port) { client in
          let transport = try consortium.transport(client, "a")
          let received = try #require(await transport.nextAssignment(for: SiteID("a")))
          #expect(received.message == message)
          #expect(received.files.count == (count > 10 ? 2 : 0))
        }
      }
    }
  }
}

/// An update of site `a`, released without a policy.
private func release<Payload: ParameterGroup>(
  _ payload: Payload, weight: Double, _ summary: TrainingSummary, for assignment: Assignment
) async throws -> Released<StageMessage> {
  let update = ModelUpdate(
    site: SiteID("a"), round: assignment.id.round, payload: payload, weight: weight)
  return try await ReleaseGate().release(
    StageDraft(SiteUpdate(update, summary)), answering: assignment, as: SiteUpdate<Payload>.schema)
}

struct LawBrokenHere: Error {
  let what: String
  init(_ what: String) { self.what = what }
}
