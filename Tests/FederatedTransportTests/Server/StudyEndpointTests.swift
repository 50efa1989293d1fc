import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import Foundation
import ParameterFiles
import TestSupport
import Testing

@testable import FederatedTransport

struct StudyEndpointTests {
  private func withEndpoint(_ body: (StudyEndpoint, URL) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      try await body(
        try StudyEndpoint(
          study: "s", members: [SiteID("a")], folder: folder.appending(path: "endpoint"), check: { _, _ in }),
        folder)
    }
  }

  @Test(arguments: ["..", "../other", "a/../../b", "/tmp/x", ".", "", "a\0b", ".hidden"])
  func hostileSiteNameOpensNoFolder(name: String) async throws {
    try await withEndpoint { endpoint, folder in
      let error = await refusal { _ = try await endpoint.store(for: SiteID(name), announcing: nil) }
      #expect(error?.message.contains("cannot be a party's name") == true, "\(error as Any)")
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(files == ["endpoint"])
    }
  }

  /// For example, the site reports that it is no longer ready. Nobody waits for it then.
  @Test func assignmentOfAnUnreadySiteFails() async throws {
    try await withEndpoint { endpoint, _ in
      let (a, mailbox) = (SiteID("a"), CoordinatorMailbox())
      await endpoint.open(mailbox, arm: "rehearsal", layout: TestConsortium.layout)
      let error = ConsiliumError(.unavailable, "its data could not be used")
      #expect(await !endpoint.fail(a, in: "rehearsal", with: error))
      await mailbox.assign(.some(1), to: a)
      #expect(await !endpoint.fail(a, in: "fedavg", with: error))
      #expect(await !endpoint.fail(SiteID("b"), in: "rehearsal", with: error))
      #expect(await endpoint.fail(a, in: "rehearsal", with: error))
      #expect(await !endpoint.fail(a, in: "rehearsal", with: error))
      await mailbox.close()
      var answers: [(SiteID, ReceivedAnswer)] = []
      for await case .answer(let answer, _, let site) in mailbox.mail { answers.append((site, answer)) }
      #expect(answers.map(\.0) == [a])
      guard case .failure(let failure)? = answers.first?.1 else { throw LawBrokenHere("no failure") }
      #expect(failure.message == error.message)
    }
  }

  @Test func weightsAreFoundByDigest() async throws {
    try await withEndpoint { endpoint, folder in
      let model = ModelParameters.some(1)
      try ParameterFile.write(model, to: folder.appending(path: "secret.safetensors"))
      let digest = ParameterDigest.sha256(of: model)
      for name in ["../../../secret", folder.appending(path: "secret").path] {
        let error = await refusal {
          _ = try await endpoint.received(
            file: name, layout: TestConsortium.layout, digest: digest)
        }
        #expect(error?.message.contains("an invalid digest") == true)
      }
      let blob = try await endpoint.store(for: SiteID("a"), announcing: nil).add(NamedParts(model))
      let found = try await endpoint.received(
        file: blob.name, layout: TestConsortium.layout, digest: digest)
      #expect(found == model)
    }
  }

  /// Every call that fetches chunks of a file asks for the whole list of files.
  @Test func filesOfAnEndedStudyAreHashedOnce() async throws {
    try await withEndpoint { endpoint, folder in
      let report = folder.appending(path: "report.html")
      try Data("first".utf8).write(to: report)
      let before = try await endpoint.files([("report.html", report)], state: .finished)
      #expect(before.files.map(\.path) == ["report.html"])
      // The changed file is not hashed again.
      try FileManager.default.removeItem(at: report)
      let after = try await endpoint.files([("report.html", report)], state: .finished)
      #expect(after.files.map(\.blob) == before.files.map(\.blob))
      let blob = try #require(after.files.first?.blob)
      #expect(try after.store?.open(blob).chunk(0) == Data("first".utf8))
    }
  }

  @Test func oneSiteSendsTheInitialWeightsAndEachItsOwnUpdate() async throws {
    try await withEndpoint { endpoint, _ in
      let blob = try await endpoint.store(for: SiteID("a"), announcing: nil).add(
        NamedParts(ModelParameters.some(1)))
      #expect(try await endpoint.hasInitial(blob))
      await endpoint.open(CoordinatorMailbox(), arm: "fedavg", layout: TestConsortium.layout)
      #expect(try await !endpoint.hasInitial(blob))
      await endpoint.end(arm: "fedavg")
      #expect(try await !endpoint.hasInitial(blob))
    }
  }

  /// The sites do not send the weights again after a restart of an agent or of the coordinator.
  @Test func initialWeightsAreNotSentAgainAfterARestart() async throws {
    try await withEndpoint { endpoint, folder in
      let file = folder.appending(path: "initial.safetensors")
      try ParameterFile.write(ModelParameters.some(1), to: file)
      let incoming = try await endpoint.store(for: SiteID("a"), announcing: nil)
      let blob = try incoming.add(copyOf: file)
      try await endpoint.settle(initial: file)
      #expect(try incoming.firstMissing(of: blob) == 0)
      await endpoint.open(CoordinatorMailbox(), arm: "fedavg", layout: TestConsortium.layout)
      #expect(try await endpoint.hasInitial(blob))
      let again = try StudyEndpoint(
        study: "s", members: [SiteID("a")], folder: folder.appending(path: "endpoint"), check: { _, _ in })
      #expect(try await again.hasInitial(blob))
      await again.clear()
      #expect(try await !again.hasInitial(blob))
    }
  }

  @Test func sameModelIsOfferedAsOneFile() async throws {
    try await withEndpoint { endpoint, _ in
      let model = NamedParts(ModelParameters.some(1))
      let first = try await endpoint.lend(model, for: .init(round: 1, stage: 0), of: "fedavg")
      #expect(try await endpoint.lend(model, for: .init(round: 1, stage: 0), of: "fedavg") == first)
      // The model is withdrawn once its round is past.
      let other = NamedParts(ModelParameters.some(2))
      let second = try await endpoint.lend(other, for: .init(round: 3, stage: 0), of: "fedavg")
      #expect(endpoint.outgoing.blob(first.digest) == nil)
      await endpoint.end(arm: "fedavg")
      #expect(endpoint.outgoing.blob(second.digest) == nil)
    }
  }

  @Test func armDoesNotWithdrawAnotherArmsModel() async throws {
    try await withEndpoint { endpoint, _ in
      let model = NamedParts(ModelParameters.some(1))
      let shared = try await endpoint.lend(model, for: .init(round: 1, stage: 0), of: "fedavg")
      #expect(try await endpoint.lend(model, for: .init(round: 1, stage: 0), of: "local-a") == shared)
      // One arm is many rounds ahead of the other.
      _ = try await endpoint.lend(
        NamedParts(ModelParameters.some(2)), for: .init(round: 9, stage: 0), of: "local-a")
      #expect(endpoint.outgoing.blob(shared.digest) != nil)
      await endpoint.end(arm: "local-a")
      #expect(endpoint.outgoing.blob(shared.digest) != nil)
      await endpoint.end(arm: "fedavg")
      #expect(endpoint.outgoing.blob(shared.digest) == nil)
    }
  }

  /// A late update with two vectors arrives while only the arm of the final tests is open.
  @Test func lateUpdateOfAnEndedArmMayStillBeSent() async throws {
    try await withEndpoint { endpoint, _ in
      let layout = ParameterLayout(entries: [.init(name: "w", shape: [100_000])])
      await endpoint.open(CoordinatorMailbox(), arm: "scaffold", layout: layout, vectors: 2)
      await endpoint.end(arm: "scaffold")
      await endpoint.open(CoordinatorMailbox(), arm: "tests", layout: layout)
      let late = BlobDescriptor(size: 800_000, chunkDigests: Data(count: 32 * 4))
      _ = try await endpoint.store(for: SiteID("a"), announcing: late)
      let large = BlobDescriptor(size: 1_000_000, chunkDigests: Data(count: 32 * 4))
      let error = await refusal { _ = try await endpoint.store(for: SiteID("a"), announcing: large) }
      #expect(error?.code == .invalidUpdate)
    }
  }
}
