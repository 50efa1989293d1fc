import FederatedCore
import FederatedRuntime
import Foundation
import Synchronization
import Testing
import WorkerProtocol

@Suite(.enabled(if: python != nil))
struct WorkerLinkTests {
  private func start(_ workshop: Workshop, mode: String? = nil, patience: Duration = .seconds(30))
    async throws
    -> WorkerLink
  {
    try await WorkerLink.start(workshop.configuration(mode: mode, patience: patience), name: "worker")
  }

  private func train(_ session: String, _ workshop: Workshop) -> WorkerRequest {
    .train(
      TrainModel(
        session: session, global: "", round: 1, amount: .epochs(1), learningRate: 0.5, seed: 1,
        proximalStrength: 0, gradientOffset: nil, output: workshop.folder.appending(path: "out").path))
  }

  @Test func requestReceivesProgressAndReply() async throws {
    let workshop = try Workshop()
    let link = try await start(workshop)
    #expect(link.engine.engine == "python")
    #expect(link.engine.threads == 1)
    guard case .opened = try await link.request(.open(workshop.session("good"))) else {
      Issue.record("the session was not opened")
      return
    }
    let steps = Mutex<[Int]>([])
    let reply = try await link.request(train("good", workshop)) { report in
      steps.withLock { $0.append(report.step) }
    }
    #expect(steps.withLock { $0 } == [1, 2])
    guard case .trained(let summary) = reply else {
      Issue.record("the answer was \(reply)")
      return
    }
    #expect(summary.stepCount == 2)
    await link.stop()
    #expect(!isRunning(link.engine.processID))
    await #expect(throws: ConsiliumError.self) { try await link.request(.open(workshop.session("late"))) }
  }

  @Test func aFailureKeepsItsCode() async throws {
    let workshop = try Workshop()
    let link = try await start(workshop)
    _ = try await link.request(.open(workshop.session("fails")))
    let error = try await #require(throws: ConsiliumError.self) {
      try await link.request(train("fails", workshop))
    }
    #expect(error.code == .invalidUpdate)
    #expect(error.message == "the loss is not finite")
    #expect(link.isAlive)
  }

  @Test(arguments: [
    ("dies", "killed (signal 9), probably because memory ran out", "about to die"),
    ("exits", "ended with status 3", "no more memory"),
    ("garbage", "is not of protocol version", "is empty"),
    ("wrong-id", "it answered request", "is empty"),
  ])
  func aDeathIsExplained(session: String, reason: String, log: String) async throws {
    let workshop = try Workshop()
    let link = try await start(workshop)
    _ = try await link.request(.open(workshop.session(session)))
    let error = try await #require(throws: ConsiliumError.self) {
      try await link.request(train(session, workshop))
    }
    #expect(error.code == .engine)
    #expect(error.message.contains(reason), "\(error.message)")
    #expect(error.message.contains(log), "\(error.message)")
    #expect(!link.isAlive)
    #expect(!isRunning(link.engine.processID))
  }

  @Test func silentWorkerIsKilled() async throws {
    let workshop = try Workshop()
    let link = try await start(workshop, patience: .seconds(10))
    _ = try await link.request(.open(workshop.session("hangs")))
    let error = try await #require(throws: ConsiliumError.self) {
      try await link.request(train("hangs", workshop))
    }
    #expect(error.message.contains("sent nothing for 10.0 seconds"), "\(error.message)")
    #expect(!isRunning(link.engine.processID))
  }

  @Test func cancellingKillsTheProcess() async throws {
    let workshop = try Workshop()
    let link = try await start(workshop)
    _ = try await link.request(.open(workshop.session("hangs")))
    let request = train("hangs", workshop)
    let task = Task { try await link.request(request) }
    try await Task.sleep(for: .milliseconds(100))
    task.cancel()
    let error = try await #require(throws: ConsiliumError.self) { try await task.value }
    #expect(error.code == .cancelled)
    #expect(!isRunning(link.engine.processID))
  }

  @Test func aProcessEndsWithItsLink() async throws {
    let workshop = try Workshop()
    let process = try await start(workshop).engine.processID
    // The process was killed at once, and disappears as soon as the system has cleaned up.
    while isRunning(process) { await Task.yield() }
  }

  @Test(arguments: [
    ("old", "does not support version \(workerProtocolVersion)", 10), ("mute", "sent nothing for", 1),
  ])
  func aStrangeEngineIsRefused(mode: String, fault: String, patience: Int) async throws {
    let workshop = try Workshop()
    let error = try await #require(throws: ConsiliumError.self) {
      _ = try await start(workshop, mode: mode, patience: .seconds(patience))
    }
    #expect(error.code == .unavailable)
    #expect(error.message.contains(fault), "\(error.message)")
  }

  @Test(arguments: ["/nowhere/engine", "/bin/true", "/etc/passwd"])
  func programThatIsNotAWorkerIsNamed(_ path: String) async throws {
    let workshop = try Workshop()
    var configuration = try workshop.configuration()
    configuration.executable = URL(fileURLWithPath: path)
    let error = try await #require(throws: ConsiliumError.self) {
      _ = try await WorkerLink.start(configuration, name: "worker")
    }
    #expect(error.code == .unavailable)
    #expect(error.message.contains(path), "\(error.message)")
  }

  @Test(arguments: [("/nowhere/engine", "No such file or directory"), ("/etc/passwd", "Permission denied")])
  func programThatCannotBeStartedIsExplained(path: String, fault: String) async throws {
    let workshop = try Workshop()
    var configuration = try workshop.configuration()
    configuration.executable = URL(fileURLWithPath: path)
    let error = try await #require(throws: ConsiliumError.self) {
      _ = try await WorkerLink.start(configuration, name: "worker")
    }
    #expect(
      error.message
        == "cannot start the engine '\(path)': \(fault). Build it with 'make', or name another with "
        + "--worker")
  }
}
