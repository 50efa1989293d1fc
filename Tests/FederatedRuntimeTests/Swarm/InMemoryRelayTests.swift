import FederatedCore
import FederatedRuntime
import FederatedTesting
import ParameterFiles
import Testing

struct InMemoryRelayTests {
  @Test func satisfiesTheRelayLaws() async throws { try await SwarmRelayLaws(InMemoryRelay()).check() }

  @Test func theDigestIsThatOfTheParameters() {
    #expect(InMemoryRelay().put(NamedParts(referenceModel)) == ParameterDigest.sha256(of: referenceModel))
  }

  /// The laws must be able to fail, or they check nothing.
  @Test(arguments: FaultyRelay.Fault.allCases)
  func faultyRelaysBreakTheLaws(_ fault: FaultyRelay.Fault) async {
    await #expect(throws: LawBroken.self) { try await SwarmRelayLaws(FaultyRelay(fault: fault)).check() }
  }
}

/// The in-memory relay with one fault.
struct FaultyRelay: SwarmRelay {
  enum Fault: CaseIterable { case forgets, losesNames, mixesUp, keepsAll, invents }

  let base = InMemoryRelay()
  let fault: Fault

  func put(_ parts: NamedParts) -> String {
    switch fault {
    case .forgets: ParameterDigest.sha256(of: parts)
    case .losesNames: base.put(NamedParts(names: parts.names.map { _ in "part" }, parts: parts.parts))
    case .mixesUp: base.put(NamedParts(names: parts.names, parts: parts.parts.map { _ in referenceModel }))
    default: base.put(parts)
    }
  }

  func parts(_ digest: String) -> NamedParts? {
    base.parts(digest) ?? (fault == .invents ? NamedParts(referenceModel) : nil)
  }

  func remove(_ digest: String) { if fault != .keepsAll { base.remove(digest) } }
}
