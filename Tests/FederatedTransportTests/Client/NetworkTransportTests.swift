import CredentialsTesting
import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import FederatedTesting
import Foundation
import ParameterFiles
import Synchronization
import Testing

@testable import FederatedTransport

struct NetworkTransportTests {
  /// A network transport is bound to one identity: this one speaks for each site through its own.
  private struct EachForItself: SiteTransport {
    let transports: [SiteID: NetworkTransport<ModelParameters>]

    func nextAssignment(for site: SiteID) async throws -> Assignment? {
      try await transport(site).nextAssignment(for: site)
    }

    func submit(_ answer: SiteAnswer<ModelParameters>, to id: Assignment.ID, from site: SiteID) async throws {
      try await transport(site).submit(answer, to: id, from: site)
    }

    private func transport(_ site: SiteID) throws -> NetworkTransport<ModelParameters> {
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
      // The layout of the laws' models.
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
              let (room, desk): (StudyRoom, CoordinatorDesk<ModelParameters>) =
                try await consortium.openStudy(study, layout: layout)
              return .init(
                transport: EachForItself(transports: [
                  SiteID("a"): try consortium.transport(first, "a", study: study, layout: layout),
                  SiteID("b"): try consortium.transport(second, "b", study: study, layout: layout),
                ]),
                assign: { await desk.assign($0, to: $1) }, withdraw: { await desk.withdraw(from: $0) },
                nextAnswer: {
                  for await case .answer(let received) in desk.mail {
                    return (received.site, received.id, received.answer)
                  }
                  return nil
                },
                close: {
                  await desk.close()
                  await room.end(arm: TestConsortium.arm)
                })
            }.check()
          }
        }
      }
    }
  }

  /// Sent, it would look like a link that breaks for ever.
  @Test func anEvaluationThatIsTooLongIsNotSent() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let site = try consortium.authority.identity(.site, "a")
      try await consortium.withServer { _, port in
        try await consortium.withClient(site, port: port) { client in
          let transport: NetworkTransport<ModelParameters> = try consortium.transport(client, "a")
          let replicates = [Double](repeating: 0.5, count: NetworkTuning.largestMessage / 8 + 1)
          let metric = MetricEstimate(name: "dice", value: 0.5, patientCount: 9, replicates: replicates)
          let evaluation = SiteEvaluation(patientCount: 9, exampleCount: 9, loss: nil, metrics: [metric])
          let error = await refusal {
            try await transport.submit(
              .evaluation(ReleaseGate().release(evaluation)), to: .init(round: 1, stage: 0), from: SiteID("a")
            )
          }
          #expect(error?.code == .invalidUpdate)
          #expect(error?.message.contains("ask for fewer bootstrap replicates") == true)
        }
      }
    }
  }

  @Test func anUpdateOfTwoPartsArrivesAsItWasSent() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let site = try consortium.authority.identity(.site, "a")
      let (_, desk) = try await consortium.openStudy(payload: Scaffold.Update.self)
      let beside = NamedParts(names: ["control"], parts: [.some(9)])
      var assignment = Assignment.some(1)
      if case .train(let instruction, _) = assignment.work {
        assignment.work = .train(instruction, message: beside)
      }
      await desk.assign(assignment, to: SiteID("a"))
      let update = Scaffold.Update(model: .some(2), control: .some(3))
      try await consortium.withServer { server, port in
        try await consortium.withClient(site, port: port) { client in
          let transport: NetworkTransport<Scaffold.Update> = try consortium.transport(
            client, "a", payload: Scaffold.Update.self)
          let received = try #require(await transport.nextAssignment(for: SiteID("a")))
          #expect(received.model == ModelParameters.some(1))
          guard case .train(let instruction, let message) = received.work else {
            throw LawBrokenHere("another kind of work")
          }
          #expect(message == beside)
          #expect(instruction.amount == .steps(1))
          let summary = TrainingSummary(exampleCount: 7, stepCount: 1, loss: 0.5, seconds: 2)
          let released = try await release(update, weight: 7, summary, for: received)
          try await transport.submit(.update(released), to: received.id, from: SiteID("a"))
        }
      }
      var mail = desk.mail.makeAsyncIterator()
      guard case .answer(let answer)? = await mail.next(),
        case .update(let arrived) = answer.answer
      else { throw LawBrokenHere("no update") }
      #expect(arrived.update.payload == update)
      #expect(arrived.update.weight == 7)
      #expect(arrived.summary.exampleCount == 7)
      #expect(answer.digest?.count == 64)
    }
  }

  /// As where another arm's update that was the same to the bit has been cleared away.
  @Test func anUpdateThatWasLostAtTheCoordinatorIsSentAgain() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let site = try consortium.authority.identity(.site, "a")
      let checks = Mutex(0)
      let (room, desk): (StudyRoom, CoordinatorDesk<ModelParameters>) = try await consortium.openStudy(
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
      #expect(room.members.count == 2)
      await desk.assign(.some(1), to: SiteID("a"))
      try await consortium.withServer { server, port in
        try await consortium.withClient(site, port: port) { client in
          let transport: NetworkTransport<ModelParameters> = try consortium.transport(client, "a")
          let received = try #require(await transport.nextAssignment(for: SiteID("a")))
          let summary = TrainingSummary(exampleCount: 1, stepCount: 1, loss: 0.5, seconds: 2)
          let released = try await release(ModelParameters.some(2), weight: 1, summary, for: received)
          try await transport.submit(.update(released), to: received.id, from: SiteID("a"))
        }
      }
      #expect(checks.withLock { $0 } == 3)
      var mail = desk.mail.makeAsyncIterator()
      guard case .answer(let answer)? = await mail.next(), case .update(let arrived) = answer.answer
      else {
        throw LawBrokenHere("no update")
      }
      #expect(arrived.update.payload == .some(2))
    }
  }

  /// Files of earlier work make room before the next model comes, but not for a test of the same model.
  @Test func roomIsMadeBeforeAModelToTrainFromIsFetched() async throws {
    try await withTemporaryFolder { folder in
      let consortium = try TestConsortium(in: folder)
      let site = try consortium.authority.identity(.site, "a")
      let (_, desk): (StudyRoom, CoordinatorDesk<ModelParameters>) = try await consortium.openStudy()
      let cleared = Mutex<[(id: Assignment.ID, isThere: Bool, beside: String?)]>([])
      let plain = Assignment.some(1)
      guard case .train(let instruction, _) = plain.work else { throw LawBrokenHere("no training") }
      let training = Assignment(
        id: plain.id, model: plain.model,
        work: .train(
          instruction, message: NamedParts(names: ["control"], parts: [ModelParameters.some(2)])))
      let evaluation = Assignment(
        id: .init(round: 1, stage: 1), model: training.model, work: .evaluate(.test))
      try await consortium.withServer { server, port in
        try await consortium.withClient(site, port: port) { client in
          let store = try BlobStore(folder.appending(path: "site-a"))
          let transport = NetworkTransport<ModelParameters>(
            client, study: "s", arm: TestConsortium.arm, layout: TestConsortium.layout, store: store,
            sign: { _, _ in Data() },
            clear: { id, model, beside in
              let file = store.folder.appending(path: model + ".safetensors").path
              cleared.withLock { $0.append((id, FileManager.default.fileExists(atPath: file), beside)) }
            })
          for assignment in [training, evaluation] {
            await desk.assign(assignment, to: SiteID("a"))
            #expect(try await transport.nextAssignment(for: SiteID("a"))?.id == assignment.id)
          }
        }
      }
      #expect(cleared.withLock { $0.map(\.id) } == [training.id])
      #expect(cleared.withLock { $0.map(\.isThere) } == [false])
      let beside = try #require(cleared.withLock { $0.first?.beside })
      let file = folder.appending(path: "site-a/\(beside).safetensors")
      #expect(try ParameterFile.read(from: file).parts == [.some(2)])
    }
  }
}

/// An update as site `a` releases it without a policy.
private func release<Payload: ParameterGroup>(
  _ payload: Payload, weight: Double, _ summary: TrainingSummary, for assignment: Assignment
) async throws -> Released<SiteUpdate<Payload>> {
  let site = SiteID("a")
  let update = ModelUpdate(site: site, round: assignment.id.round, payload: payload, weight: weight)
  return try await ReleaseGate().release(
    SiteUpdate(update, summary), of: assignment)
}

struct LawBrokenHere: Error {
  let what: String
  init(_ what: String) { self.what = what }
}
