import Credentials
import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import FederatedTransport
import Foundation
import Testing

@testable import SiteAgent

/// The algorithm's state that a site keeps must be from the very round that the coordinator means.
struct FileSiteJournalTests {
  private let site = SiteID("a")
  private let layout = ParameterLayout(entries: [.init(name: "w", shape: [3])])

  private func model(_ value: Float) -> ModelParameters {
    ModelParameters(layout: layout, buffer: ParameterBuffer([value, value, value]))
  }

  private let summary = TrainingSummary(exampleCount: 1, stepCount: 1, loss: 1, seconds: 1)

  private func assignment(_ round: Int, previous: Int?) -> Assignment {
    Assignment(
      id: .init(round: round, stage: 0), message: .train(from: model(0), learningRate: 0.1),
      previousRound: previous, files: ["model": "model-\(round)"])
  }

  private func withJournal(
    _ body: (FileSiteJournal, URL) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = try BlobStore(folder.appending(path: "store"))
    try await body(
      try FileSiteJournal(folder: folder.appending(path: "journal"), site: site, store: store),
      folder.appending(path: "journal"))
  }

  @Test func storedReplyIsComparedAfterARestart() async throws {
    func reply(_ value: UInt32) -> StageMessage {
      StageMessage(StageMessage.Kind("sum"), tensors: ["values": .u32([value])])
    }
    try await withJournal { journal, folder in
      let question = assignment(1, previous: nil)
      #expect(try await journal.pin(reply(5), to: 0, of: question))
      #expect(try await journal.pin(reply(6), to: 1, of: question))
      let store = try BlobStore(folder.appending(path: "again"))
      let again = try FileSiteJournal(folder: folder, site: site, store: store)
      #expect(try await again.pin(reply(5), to: 0, of: question))
      #expect(try await again.pin(reply(7), to: 1, of: question) == false)
      // Another question has its own replies.
      #expect(try await again.pin(reply(7), to: 0, of: assignment(2, previous: nil)))
      // A crash left half of the third digest.
      let file = folder.appending(path: "replies-1-0-0")
      try (try Data(contentsOf: file) + Data("0123".utf8)).write(to: file)
      #expect(try await again.pin(reply(8), to: 2, of: question))
      #expect(try await again.pin(reply(8), to: 2, of: question))
      #expect(try await again.pin(reply(9), to: 2, of: question) == false)
    }
  }

  /// Stores the answer of a round, and the round's number as the state after it.
  private func keep(_ round: Int, in journal: FileSiteJournal) async throws {
    let update = ModelUpdate(site: site, round: round, payload: model(Float(round)), weight: 1)
    _ = try await journal.keep(
      SiteUpdate(update, summary).message, to: assignment(round, previous: nil),
      memory: NamedParts(names: ["control"], parts: [model(Float(round))]))
  }

  private func expectState(
    _ round: Float?, before assignment: Assignment, in journal: FileSiteJournal
  ) async throws {
    let state = try await journal.memory(before: assignment)
    #expect(state?.parts[0] == round.map(model))
  }

  @Test func stateIsThatOfTheLastAcceptedRound() async throws {
    try await withJournal { journal, _ in
      for round in 1...3 { try await keep(round, in: journal) }
      try await expectState(3, before: assignment(4, previous: 3), in: journal)
      // The coordinator was restored to a time before round 3.
      try await expectState(2, before: assignment(3, previous: 2), in: journal)
    }
  }

  @Test func firstUpdateStartsWithoutAState() async throws {
    try await withJournal { journal, _ in
      try await expectState(nil, before: assignment(1, previous: nil), in: journal)
      // A site that was absent at the start of the study.
      try await expectState(nil, before: assignment(7, previous: nil), in: journal)
    }
  }

  @Test(arguments: [[], [1, 2]])
  func folderRestoredFromAnOlderBackupIsRefused(kept: [Int]) async throws {
    try await withJournal { journal, _ in
      for round in kept { try await keep(round, in: journal) }
      let error = await #expect(throws: ConsiliumError.self) {
        _ = try await journal.memory(before: assignment(5, previous: 4))
      }
      #expect(error?.code == .invalidInput)
      #expect(error?.message.contains("the algorithm's state after round 4") == true)
      #expect(error?.message.contains("its folder was restored") == true)
    }
  }

  /// The memory of eight rounds is kept.
  @Test func coordinatorRestoredTooFarBackIsRefused() async throws {
    try await withJournal { journal, _ in
      for round in 1...12 { try await keep(round, in: journal) }
      try await expectState(5, before: assignment(6, previous: 5), in: journal)
      let error = await #expect(throws: ConsiliumError.self) {
        _ = try await journal.memory(before: assignment(4, previous: 3))
      }
      #expect(
        error?.message.contains("only that of round 5; the coordinator was restored from a backup") == true)
    }
  }

  /// A late update is rejected, and the state after it must not be used.
  @Test func stateAfterARejectedUpdateIsNotUsed() async throws {
    try await withJournal { journal, _ in
      for round in 1...2 { try await keep(round, in: journal) }
      try await expectState(1, before: assignment(3, previous: 1), in: journal)
    }
  }

  @Test func sameAssignmentGetsTheSameAnswer() async throws {
    try await withJournal { journal, _ in
      try await keep(1, in: journal)
      let kept = try await journal.answer(to: assignment(1, previous: nil))
      let update = ModelUpdate(site: site, round: 1, payload: model(1), weight: 1)
      #expect(kept == SiteUpdate(update, summary).message)
      #expect(try await journal.answer(to: assignment(2, previous: 1)) == nil, "an answer to another")
      var other = assignment(1, previous: nil)
      other.message[.learningRate] = 0.2
      #expect(try await journal.answer(to: other) == nil, "an answer to another rate")
    }
  }

  @Test func integerAnswerIsStoredExactly() async throws {
    try await withJournal { journal, _ in
      var answer = StageMessage(
        StageMessage.Kind("shares"),
        tensors: ["a": .u64([1 << 60, 0]), "b": .u32([.max]), "c": .bf16([0x7f80])])
      answer[FactKey<Double>("x")] = 0.1
      answer[FactKey<[String]>("names")] = ["a", ""]
      _ = try await journal.keep(answer, to: assignment(1, previous: nil), memory: .none)
      #expect(try await journal.answer(to: assignment(1, previous: nil)) == answer)
    }
  }

  @Test func onlyOneQuestionOfAKindIsClaimedInARound() async throws {
    try await withJournal { journal, folder in
      let first = assignment(1, previous: nil)
      try await journal.claim(first)
      try await journal.claim(first)
      for other in [first.asking(0.2), first.from("another"), first.in(stage: 1)] {
        let error = await #expect(throws: ConsiliumError.self) { try await journal.claim(other) }
        #expect(error?.refusal?.id == other.id)
      }
      var second = first.asking(0.2)
      second.id.question = 1
      try await journal.claim(second)
      // The same holds after the agent restarts.
      let again = try FileSiteJournal(
        folder: folder, site: site,
        store: try BlobStore(folder.deletingLastPathComponent().appending(path: "store")))
      let error = await #expect(throws: ConsiliumError.self) { try await again.claim(first.from("another")) }
      #expect(
        error?.message
          == "the coordinator asks a second, different question of the kind 'train' in round 1 of arm 'journal' about the "
          + "model another, after one about the model model-1; a site answers one question of each kind per round, so "
          + "nothing was computed. A coordinator that has lost rounds needs a new attempt ('consilium study repeat')"
      )
      try Data("cut".utf8).write(to: folder.appending(path: "questions/train-1-0.json"))
      let fault = await #expect(throws: ConsiliumError.self) { try await again.claim(first) }
      #expect(fault?.code == .storage && fault?.message.contains("train-1-0.json' is damaged") == true)
    }
  }

  /// Earlier versions kept the questions for statistics in one file.
  @Test func claimOfAnEarlierVersionHolds() async throws {
    try await withJournal { journal, folder in
      let first = assignment(1, previous: nil)
      try CanonicalJSON.encode(["1 0 0": first.identity]).write(to: folder.appending(path: "claims.json"))
      await #expect(throws: ConsiliumError.self) { try await journal.claim(first.asking(0.2)) }
      try await journal.claim(first)
      try Data("cut".utf8).write(to: folder.appending(path: "claims.json"))
      let fault = await #expect(throws: ConsiliumError.self) {
        try await journal.claim(assignment(2, previous: 1))
      }
      #expect(fault?.code == .storage)
    }
  }

  /// The earlier version kept only its last answer, so nobody knows to which model it answered before.
  @Test func roundsAnsweredByAnEarlierVersionAreNotAnsweredAgain() async throws {
    try await withJournal { journal, folder in
      let last = assignment(3, previous: 2)
      let json = """
        {"facts":{},"files":{"update":"\(String(repeating: "a", count: 64))"},"kind":"update","question":
        "\(last.identity.replacing("\n", with: "\\n"))","round":3,"stage":0,"vectors":{}}
        """
      try Data(json.utf8).write(to: folder.appending(path: "answer.json"))
      try await journal.claim(last)
      try await journal.claim(assignment(4, previous: 3))
      await #expect(throws: ConsiliumError.self) { try await journal.claim(assignment(2, previous: 1)) }
      await #expect(throws: ConsiliumError.self) { try await journal.claim(last.from("another")) }
    }
  }

  /// Without the answer of an earlier version, its question could be answered a second time.
  @Test func damagedAnswerOfAnEarlierVersionIsAnError() async throws {
    try await withJournal { journal, folder in
      let file = folder.appending(path: "answer.json")
      try Data("cut".utf8).write(to: file)
      let question = assignment(3, previous: 2)
      let calls: [@Sendable () async throws -> Void] = [
        { try await journal.claim(question) },
        { _ = try await journal.answer(to: question) },
        { try await journal.clear(for: question.id, .train, files: [:]) },
      ]
      for call in calls {
        let fault = await #expect(throws: ConsiliumError.self) { try await call() }
        #expect(fault?.code == .storage)
        #expect(fault?.message == "'\(file.path)' is damaged; restore it from a backup")
      }
    }
  }

  /// An answer in the format of version 0.1.
  @Test func answerInTheFirstFormatIsSentAgain() async throws {
    try await withJournal { journal, folder in
      let store = try BlobStore(folder.deletingLastPathComponent().appending(path: "store"))
      let blob = try store.add(NamedParts(model(3)))
      let text = """
        {"model":"model-1","round":1,"seed":1,"stage":0,"summary":{"exampleCount":1,"loss":1,"seconds":1,"stepCount":1},
        "update":"\(blob.name)","weight":2}
        """
      try Data(text.utf8).write(to: folder.appending(path: "answer.json"))
      let update = ModelUpdate(site: site, round: 1, payload: model(3), weight: 2)
      #expect(
        try await journal.answer(to: assignment(1, previous: nil)) == SiteUpdate(update, summary).message)
      #expect(try await journal.answer(to: assignment(2, previous: 1)) == nil)
    }
  }

  private func keptAnswer(
    _ round: Int, in journal: FileSiteJournal
  ) async throws -> ModelParameters? {
    try await journal.answer(to: assignment(round, previous: nil))?.parameters("update").parts[0]
  }

  /// The files of one round are reused for the next round, unless the same assignment comes again.
  @Test func newTrainingReusesTheFilesOfTheOld() async throws {
    try await withJournal { journal, folder in
      let store = folder.deletingLastPathComponent().appending(path: "store")
      func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: store.path) }
      try await keep(1, in: journal)
      try await journal.clear(for: .init(round: 1, stage: 0), .train, files: ["model": "model-1"])
      #expect(try await keptAnswer(1, in: journal) == model(1))

      try await journal.clear(for: .init(round: 2, stage: 0), .train, files: ["model": "model-2"])
      #expect(try await keptAnswer(1, in: journal) == nil)
      #expect(try names() == [".spare-0"])
      // A partial download of a wanted file, left by an earlier process, resumes where it stopped.
      let (old, next, beside) = (
        String(repeating: "2", count: 64), String(repeating: "3", count: 64),
        String(repeating: "b", count: 64)
      )
      let wanted = [next + ".part", beside + ".part"]
      for name in wanted + [old + ".part"] {
        try Data([1]).write(to: store.appending(path: name))
      }
      try await journal.clear(
        for: .init(round: 3, stage: 0), .train, files: ["model": next, "message": beside])
      #expect(try Set(names()).isSuperset(of: wanted))
      #expect(try !names().contains(old + ".part"))
      // The algorithm's state is stored elsewhere and is not affected.
      try await expectState(1, before: assignment(2, previous: 1), in: journal)
    }
  }
}

extension Assignment {
  /// The same question with a different learning rate.
  fileprivate func asking(_ rate: Double) -> Assignment {
    var other = self
    other.message[.learningRate] = rate
    return other
  }

  /// The same question about a different model.
  fileprivate func from(_ model: String) -> Assignment {
    var other = self
    other.files["model"] = model
    return other
  }

  fileprivate func `in`(stage: Int) -> Assignment {
    var other = self
    other.id.stage = stage
    return other
  }
}
