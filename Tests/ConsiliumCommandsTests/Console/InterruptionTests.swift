import Foundation
import Testing

@testable import ConsiliumCommands

/// Each test uses a different signal, since signals belong to the whole process.
@Suite struct InterruptionTests {
  @Test func firstSignalCancelsAndIsAnnounced() async {
    let said = Collected()
    await #expect(throws: CancellationError.self) {
      try await stoppable(signals: [SIGUSR1], announce: { said.append("stopping") }) {
        kill(getpid(), SIGUSR1)
        try await Task.sleep(for: .seconds(60))
      }
    }
    #expect(said.text == "stopping")
  }

  @Test func returnsResultOfWorkThatEndsAfterTheSignal() async throws {
    let result = try await stoppable(signals: [SIGUSR2], announce: {}) {
      kill(getpid(), SIGUSR2)
      while !Task.isCancelled { await Task.yield() }
      return 7
    }
    #expect(result == 7)
  }

  @Test func returnsResultWithoutASignal() async throws {
    #expect(try await stoppable(signals: [], announce: { Issue.record("nothing was sent") }) { 7 } == 7)
  }
}
