import FederatedAlgorithms
import FederatedCore
import FederatedRuntime
import FederatedTesting
import Synchronization
import Testing

/// A run that is interrupted anywhere and then resumed produces the same bits as an uninterrupted run.
struct ResumeTests {
  /// Cancels the run at its `count`th event. Returns `nil` if it ended before.
  private func runUntilEvent<S: Strategy>(
    _ count: Int, _ strategy: S, over topology: any Topology, journal: InMemoryJournal
  ) async throws -> FederationOutcome? {
    let seen = Mutex(0)
    let cancel = Mutex<Task<FederationOutcome, any Error>?>(nil)
    let handler: RunEventHandler = { _ in
      let reached = seen.withLock { seen in
        seen += 1
        return seen == count
      }
      if reached { cancel.withLock { $0?.cancel() } }
    }
    let arm = try federation(strategy, over: topology, journal: journal, events: handler)
    let (gate, open) = AsyncStream<Void>.makeStream()
    let task = Task {
      for await _ in gate { break }
      return try await arm.run(from: referenceModel)
    }
    cancel.withLock { $0 = task }
    open.finish()
    do {
      return try await task.value
    } catch {
      #expect((error as? ConsiliumError)?.code == .cancelled)
      return nil
    }
  }

  private func checkEveryEvent<S: Strategy>(_ strategy: S, over topology: any Topology = Star()) async throws
  {
    let expected = try await federation(strategy, over: topology).run(from: referenceModel)
    var interruptions = 0
    for count in 1...100 {
      let journal = InMemoryJournal()
      if try await runUntilEvent(count, strategy, over: topology, journal: journal) != nil { break }
      interruptions += 1
      let outcome = try await federation(strategy, over: topology, journal: journal).run(from: referenceModel)
      #expect(outcome.lastModel == expected.lastModel)
      #expect(outcome.bestModel == expected.bestModel)
      #expect(outcome.records.map(\.timeless) == expected.records.map(\.timeless))
    }
    #expect(interruptions > 20)
  }

  @Test func resumesAfterCancellationAtEveryEvent() async throws {
    try await checkEveryEvent(FedAvg())
    try await checkEveryEvent(FedAdam())
    try await checkEveryEvent(Scaffold())
    try await checkEveryEvent(FedAvg(), over: Ring())
  }

  @Test(arguments: 1...4) func resumesAfterFailureBeforeAndAfterEveryCommit(round: Int) async throws {
    let expected = try await federation(Scaffold()).run(from: referenceModel)
    for journal in [FailingJournal(before: round), FailingJournal(after: round)] {
      let error = try await #require(throws: ConsiliumError.self) {
        try await federation(Scaffold(), journal: journal).run(from: referenceModel)
      }
      #expect(error.code == .storage)
      let outcome = try await federation(Scaffold(), journal: journal.kept).run(from: referenceModel)
      #expect(outcome.lastModel == expected.lastModel)
      #expect(outcome.records.map(\.timeless) == expected.records.map(\.timeless))
    }
  }

  @Test func aFinishedArmIsNotRunAgain() async throws {
    let journal = InMemoryJournal()
    let first = try await federation(FedAvg(), journal: journal).run(from: referenceModel)
    let trained = Mutex(false)
    let handler: RunEventHandler = { event in
      if case .siteStarted = event { trained.withLock { $0 = true } }
    }
    let again = try await federation(FedAvg(), journal: journal, events: handler).run(from: referenceModel)
    #expect(again.lastModel == first.lastModel)
    #expect(again.bestModel == first.bestModel)
    #expect(again.records == first.records)
    #expect(!trained.withLock { $0 })
  }

  @Test func anotherStudysJournalIsRefused() async throws {
    let journal = InMemoryJournal()
    _ = try await federation(FedAvg(), journal: journal).run(from: referenceModel)
    let other = ReferenceTrainer(.perceptron(inputs: 2, hidden: 2), seed: 1).initialModel
    for (arm, model): (any Runnable, ModelParameters) in [
      (try federation(FedAvg(), rounds: 9, journal: journal), other),
      (try federation(FedAdam(), rounds: 9, journal: journal), referenceModel),
      (try federation(Scaffold(), rounds: 9, journal: journal), referenceModel),
    ] {
      let error = try await #require(throws: ConsiliumError.self) { try await arm.run(from: model) }
      #expect(error.code == .invalidInput)
      #expect(error.message.contains("another study or version"), "\(error.message)")
    }
  }
}

private protocol Runnable { func run(from initial: ModelParameters) async throws -> FederationOutcome }
extension Federation: Runnable {}
