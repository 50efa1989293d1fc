import FederatedCore
import ParameterFiles

/// A member's connection to the register and to the relay. It repeats calls until they reach them: no time
/// limit ends a run because the majority of a register is away.
struct SwarmLink: Sendable {
  let register: any SwarmRegister
  let relay: any SwarmRelay
  let clock: any SwarmClock
  /// How long a member waits before it repeats a call.
  let pause = Duration.seconds(1)

  func entry(at key: SwarmKey) async throws -> SwarmEntry? {
    try await repeating { try await register.entry(at: key) }
  }

  func entries(under key: SwarmKey) async throws -> SwarmSnapshot {
    try await repeating { try await register.entries(under: key) }
  }

  /// Creates an entry. An entry that exists with the same content counts as created: an earlier call whose
  /// reply was lost may have created it.
  func create(
    _ key: SwarmKey, _ content: some SwarmContent, lease: SwarmLease.ID? = nil, fence: SwarmFence? = nil
  ) async throws -> SwarmCreation {
    let bytes = try content.encoded()
    let outcome = try await repeating { try await register.create(key, bytes, lease: lease, fence: fence) }
    if case .exists(let entry) = outcome, entry.value == bytes { return .created(entry) }
    return outcome
  }

  func grantLease(of duration: Duration) async throws -> SwarmLease {
    try await repeating { try await register.grantLease(of: duration) }
  }

  func put(_ parts: NamedParts) async throws -> String {
    try await repeating { try await relay.put(parts) }
  }

  /// The parameters with this digest; `nil` if the relay has lost them or returns others.
  func parts(_ digest: String) async throws -> NamedParts? {
    guard let parts = try await repeating({ try await relay.parts(digest) }),
      ParameterDigest.sha256(of: parts) == digest
    else { return nil }
    return parts
  }

  func sleep() async throws { try await clock.sleep(until: clock.now + pause) }

  private func repeating<Result>(_ call: () async throws -> Result) async throws -> Result {
    while true {
      do {
        return try await call()
      } catch let error as ConsiliumError where error.code == .unavailable {
        try await sleep()
      }
    }
  }
}
