import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import Testing

@testable import SiteAgent

/// The folder of an agent of version 0.1 with protocol 4 that was killed during a round of SCAFFOLD.
struct EarlierSiteTests {
  private let layout = ParameterLayout(entries: [
    .init(name: "weight", shape: [1, 1]), .init(name: "bias", shape: [1]),
  ])

  /// Runs `body` with the journal of an arm in a copy of the folder.
  private func withJournal(of arm: String, _ body: (FileSiteJournal) async throws -> Void) async throws {
    let fixtures = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
    let folder = FileManager.default.temporaryDirectory.appending(path: "earlier-\(UUID().uuidString)")
    try FileManager.default.copyItem(at: fixtures.appending(path: "EarlierSite"), to: folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = try BlobStore(folder.appending(path: "store"))
    try await body(
      try FileSiteJournal(folder: folder.appending(path: arm), site: SiteID("south"), store: store))
  }

  private func assignment(_ round: Int, previous: Int?, model: String) -> Assignment {
    let some = ModelParameters(layout: layout, values: [0, 0])
    return Assignment(
      id: .init(round: round, stage: 0), message: .train(from: some, learningRate: 0.05),
      previousRound: previous, files: ["model": model])
  }

  /// The expected values were read from the files with Python.
  @Test(arguments: [
    (4, [-0.008141623809933662, 0.0425725057721138]), (2, [-0.016319140791893005, 0.033604346215724945]),
  ])
  func memoryOfEarlierVersionIsFound(round: Int, values: [Float]) async throws {
    try await withJournal(of: "scaffold") { journal in
      let memory = try #require(
        try await journal.memory(before: assignment(round + 1, previous: round, model: "a")))
      #expect(memory.names == ["control"])
      #expect(memory.parts == [ModelParameters(layout: layout, values: values)])
    }
  }

  @Test func updateOfEarlierVersionIsSentAgainWithoutTraining() async throws {
    let model = "57938156f8cab31ffc3967a52ba92040fc019b4b3bf2f21fab0dd479bcbe3d62"
    try await withJournal(of: "local") { journal in
      // As a restarted agent does before it receives the files of its first assignment.
      try await journal.clear(for: .init(round: 6, stage: 0), .train, files: ["model": model])
      let answer = try #require(try await journal.answer(to: assignment(6, previous: 5, model: model)))
      let update = ModelUpdate(
        site: SiteID("south"), round: 6,
        payload: ModelParameters(layout: layout, values: [0.21471655368804932, -0.10274454951286316]),
        weight: 150)
      let summary = TrainingSummary(
        exampleCount: 150, stepCount: 300, loss: 0.6734632861614227, seconds: 0.15018653869628906)
      #expect(answer == SiteUpdate(update, summary).message)
      #expect(
        try await journal.answer(to: assignment(6, previous: 5, model: "another model")) == nil)
    }
  }

  @Test func answerOfThisVersionReplacesEarlierOne() async throws {
    try await withJournal(of: "scaffold") { journal in
      let next = assignment(5, previous: 4, model: "a")
      let control = ModelParameters(layout: layout, values: [5, 5])
      let update = ModelUpdate(site: SiteID("south"), round: 5, payload: control, weight: 1)
      let message = SiteUpdate(
        update, TrainingSummary(exampleCount: 1, stepCount: 1, loss: 1, seconds: 1)
      ).message
      _ = try await journal.keep(message, to: next, memory: NamedParts(names: ["control"], parts: [control]))
      #expect(try await journal.answer(to: next) == message)
      let memory = try await journal.memory(before: assignment(6, previous: 5, model: "b"))
      #expect(memory?.parts == [control])
      // The coordinator may still be restored to an earlier round.
      let earlier = try await journal.memory(before: assignment(5, previous: 4, model: "a"))
      #expect(
        earlier?.parts
          == [ModelParameters(layout: layout, values: [-0.008141623809933662, 0.0425725057721138])])
    }
  }
}
