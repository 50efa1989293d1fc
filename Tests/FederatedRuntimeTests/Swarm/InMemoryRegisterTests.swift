import FederatedCore
import FederatedRuntime
import FederatedTesting
import Testing

struct InMemoryRegisterTests {
  @Test func satisfiesTheRegisterLawsOnAClockThatIsMoved() async throws {
    let clock = ManualSwarmClock()
    try await SwarmRegisterLaws(
      InMemoryRegister(clock: clock), under: SwarmKey("laws"), lease: .seconds(2), slack: .zero,
      pass: { clock.advance(by: $0) }
    ).check()
  }

  @Test func satisfiesTheRegisterLawsInRealTime() async throws {
    try await SwarmRegisterLaws(
      InMemoryRegister(), under: SwarmKey("laws"), lease: .seconds(8), slack: .seconds(4),
      pass: { try await Task.sleep(for: $0) }
    ).check()
  }

  /// The laws must be able to fail, or they check nothing.
  @Test(arguments: FaultyRegister.Fault.allCases)
  func faultyRegistersBreakTheLaws(_ fault: FaultyRegister.Fault) async throws {
    let clock = ManualSwarmClock()
    let register = FaultyRegister(base: InMemoryRegister(clock: clock), fault: fault)
    await #expect(throws: LawBroken.self) {
      try await SwarmRegisterLaws(
        register, under: SwarmKey("laws"), lease: .milliseconds(200), slack: .zero,
        pass: { clock.advance(by: $0) }
      ).check()
    }
  }

  @Test func aSleepEndsWithItsTask() async throws {
    let sleep = Task { try await ManualSwarmClock().sleep(until: .seconds(1)) }
    sleep.cancel()
    await #expect(throws: CancellationError.self) { try await sleep.value }
  }
}

/// The in-memory register with one fault.
struct FaultyRegister: SwarmRegister {
  enum Fault: CaseIterable {
    case ignoresFences, endlessLeases, prefixIsText, forgetsRevisions, renewsTheDead
  }

  let base: InMemoryRegister
  let fault: Fault

  func entry(at key: SwarmKey) -> SwarmEntry? { base.entry(at: key) }

  func entries(under key: SwarmKey) -> SwarmSnapshot {
    guard fault == .prefixIsText, let parent = key.description.lastIndex(of: "/") else {
      return base.entries(under: key)
    }
    var snapshot = base.entries(under: SwarmKey(String(key.description[..<parent])))
    snapshot.entries.removeAll { !$0.key.description.hasPrefix(key.description) || $0.key == key }
    return snapshot
  }

  func create(_ key: SwarmKey, _ value: [UInt8], lease: SwarmLease.ID?, fence: SwarmFence?) -> SwarmCreation {
    base.create(
      key, value, lease: fault == .endlessLeases ? nil : lease, fence: fault == .ignoresFences ? nil : fence)
  }

  func changes(under key: SwarmKey, after revision: Int) -> AsyncThrowingStream<SwarmChange, any Error> {
    base.changes(under: key, after: fault == .forgetsRevisions ? 0 : revision)
  }

  func grantLease(of duration: Duration) -> SwarmLease { base.grantLease(of: duration) }
  func renew(_ lease: SwarmLease.ID) -> Bool { base.renew(lease) || fault == .renewsTheDead }
  func revoke(_ lease: SwarmLease.ID) { base.revoke(lease) }
}
