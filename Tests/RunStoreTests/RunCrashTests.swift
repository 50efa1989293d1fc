import FederatedCore
import FederatedRuntime
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import RunStore

/// A process killed at any step of a commit leaves the previous round or the complete new round.
struct RunCrashTests {
  // Exit tests capture values only since Swift 6.3.
  #if compiler(>=6.3)
    @Test(arguments: CommitStep.allCases)
    func killingACommitLeavesWholeRounds(at step: CommitStep) async throws {
      try await withTemporaryFolder { folder in
        let path = folder.path(percentEncoded: false)
        await #expect(processExitsWith: .signal(SIGKILL)) {
          [path = path as String, step = step as CommitStep] in
          try await commitUntilKilled(path, at: step)
        }

        let isCommitted = [CommitStep.rowWritten, .cleaned].contains(step)
        let last = isCommitted ? 3 : 2
        let store = try RunStore(folder, for: RunFixture.definition(), resume: true)
        #expect(try await store.lastCheckpoint(of: "fedavg") == RunFixture.checkpoint(round: last))
        #expect(try await store.records(of: "fedavg").map(\.round) == Array(1...last))
        #expect(try await store.bestModel(of: "fedavg") == RunFixture.model(1))
        #expect(try store.reader.events().map(\.name) == (1...last).map { "round-\($0)" })
        try await matchesAnUninterruptedRun(folder, rounds: last)

        // The run continues as if nothing had happened.
        for round in (last + 1)...4 { try await store.commit(RunFixture.checkpoint(round: round)) }
        #expect(try await store.lastCheckpoint(of: "fedavg") == RunFixture.checkpoint(round: 4))
        try await matchesAnUninterruptedRun(folder, rounds: 4)
      }
    }
  #endif

  /// There are no leftovers: the folder contains the same files as without the crash.
  private func matchesAnUninterruptedRun(_ folder: URL, rounds: Int) async throws {
    try await withTemporaryFolder { other in
      let store = try RunStore(other, for: RunFixture.definition(), resume: false)
      for round in 1...rounds { try await store.commit(RunFixture.checkpoint(round: round)) }
      #expect(try RunFixture.files(in: folder) == RunFixture.files(in: other))
    }
  }

  @Test func interruptedCreationCanBeStartedAgain() async throws {
    try await withTemporaryFolder { folder in
      try Data("study".utf8).write(to: folder.appending(path: "study.yaml"))
      try Data().write(to: folder.appending(path: ".lock"))
      try Data().write(to: folder.appending(path: ".study.json.12-1.part"))
      let store = try RunStore(folder, for: RunFixture.definition(), resume: false)
      #expect(try store.reader.identity() == RunFixture.definition().identity)
      #expect(try String(contentsOf: store.folder.studyText, encoding: .utf8).contains("as written"))
      #expect(try !RunFixture.files(in: folder).contains { $0.hasSuffix(".part") })
    }
  }
}

private func commitUntilKilled(_ path: String, at step: CommitStep) async throws {
  let round = RoundCounter()
  let store = try RunStore(URL(filePath: path), for: RunFixture.definition(), resume: false) { reached in
    if round.value == 3, reached == step { kill(getpid(), SIGKILL) }
  }
  for number in 1...3 {
    round.value = number
    store.record(["round": number], named: "round-\(number)")
    try await store.commit(RunFixture.checkpoint(round: number))
  }
}

private final class RoundCounter: Sendable {
  private let storage = Mutex(0)
  var value: Int {
    get { storage.withLock { $0 } }
    set { storage.withLock { $0 = newValue } }
  }
}
