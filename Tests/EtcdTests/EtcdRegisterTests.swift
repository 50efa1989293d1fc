import FederatedCore
import FederatedTesting
import Foundation
import TestSupport
import Testing

@testable import Etcd

@Suite(.enabled(if: TestAnchor.isInstalled, TestAnchor.missing))
struct EtcdRegisterTests {
  @Test func satisfiesTheRegisterLaws() async throws {
    try await TestAnchor.with { register, _ in
      try await SwarmRegisterLaws(
        register, under: SwarmKey("laws"), lease: .seconds(10), slack: .seconds(8),
        pass: { try await Task.sleep(for: $0) }
      ).check()
    }
  }

  @Test func readsMoreEntriesThanFitIntoOneMessage() async throws {
    try await TestAnchor.with { register, _ in
      let key = SwarmKey("many")
      for number in 0..<70 {
        _ = try await register.create(
          key.appending("\(100 + number)"), [UInt8](repeating: UInt8(number), count: 200_000), lease: nil,
          fence: nil)
      }
      let found = try await register.entries(under: key).entries
      #expect(found.map(\.key.description) == (100..<170).map { "many/\($0)" })
      #expect(found.last?.value == [UInt8](repeating: 69, count: 200_000))
    }
  }

  @Test func takesTheLargestValueAndRefusesALargerOne() async throws {
    try await TestAnchor.with { register, _ in
      let value = [UInt8](repeating: 7, count: EtcdRegister.largestValue)
      _ = try await created(register.create(SwarmKey("a/b"), value, lease: nil, fence: nil))
      #expect(try await register.entry(at: SwarmKey("a/b"))?.value == value)
      let error = await #expect(throws: ConsiliumError.self) {
        try await register.create(SwarmKey("a/c"), value + [7], lease: nil, fence: nil)
      }
      #expect(error?.code == .invalidInput)
    }
  }

  @Test func stoppedOwnerIsFencedOnceItsLeaseHasEnded() async throws {
    try await TestAnchor.with { register, _ in
      let owner = SwarmKey("round/merger")
      let lease = try await register.grantLease(of: .seconds(2))
      let entry = try await created(register.create(owner, [1], lease: lease.id, fence: nil))
      // The owner renews nothing. Another one takes over as soon as the entry is gone.
      while try await register.entry(at: owner) != nil { try await Task.sleep(for: .milliseconds(50)) }
      let next = try await created(register.create(owner, [2], lease: nil, fence: nil))
      let late = try await register.create(
        SwarmKey("round/set"), [1], lease: nil, fence: SwarmFence(entry))
      #expect(late == .fenced)
      _ = try await created(
        register.create(SwarmKey("round/set"), [2], lease: nil, fence: SwarmFence(next)))
    }
  }

  private func created(_ outcome: SwarmCreation) throws -> SwarmEntry {
    guard case .created(let entry) = outcome else { throw ConsiliumError(.engine, "not created: \(outcome)") }
    return entry
  }

  @Test func callsFailWhileEtcdIsAwayAndEntriesSurviveItsDeath() async throws {
    try await TestAnchor.with { register, anchor in
      let key = SwarmKey("kept/a")
      let before = try await register.create(key, [1, 2], lease: nil, fence: nil)
      let changes = register.changes(under: SwarmKey("kept"), after: 0)
      let first = try #require(anchor.processID)
      try anchor.kill()
      let watched = await #expect(throws: ConsiliumError.self) { for try await _ in changes {} }
      #expect(watched?.code == .unavailable)
      // etcd is started again; until it answers, each call fails within moments.
      var failures = 0
      while true {
        do {
          let entry = try await register.entry(at: key)
          #expect(before == entry.map(SwarmCreation.created))
          break
        } catch let error as ConsiliumError {
          #expect(error.code == .unavailable, "\(error)")
          failures += 1
          try await Task.sleep(for: .milliseconds(20))
        }
      }
      #expect(failures > 0)
      #expect(anchor.processID != first)
    }
  }

  @Test func callInProgressFailsWhenEtcdDiesOrIsCarriedOutAfterwards() async throws {
    try await TestAnchor.with { register, anchor in
      // A stopped etcd accepts calls and answers none.
      let process = try #require(anchor.processID)
      kill(process, SIGSTOP)
      let call = Task { try await register.create(SwarmKey("a/b"), [1], lease: nil, fence: nil) }
      try await Task.sleep(for: .milliseconds(200))
      kill(process, SIGKILL)
      do {
        // On a slow machine, the call may have begun only when etcd was back.
        let outcome = try await call.value
        #expect(try await register.entry(at: SwarmKey("a/b")).map(SwarmCreation.created) == outcome)
      } catch let error as ConsiliumError {
        #expect(error.code == .unavailable)
      }
    }
  }

  @Test func nothingInItsFolderIsOpenToOthers() async throws {
    try await TestAnchor.with { register, anchor in
      _ = try await register.create(SwarmKey("a/b"), [1], lease: nil, fence: nil)
      #expect(try mode(of: anchor.folder) == 0o700)
    }
  }
}
