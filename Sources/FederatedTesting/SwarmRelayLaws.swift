import FederatedCore

/// Laws that every relay of a swarm must satisfy, whether it is in memory or reached over a network.
public struct SwarmRelayLaws<Relay: SwarmRelay>: Sendable {
  let relay: Relay

  public init(_ relay: Relay) { self.relay = relay }

  /// - Throws: ``LawBroken`` naming the law.
  public func check() async throws {
    try await partsComeBackAsTheyWere()
    try await equalPartsHaveOneDigest()
    try await unknownPartsAreAbsent()
    try await removedPartsAreGone()
  }

  private let layout = ParameterLayout(entries: [
    .init(name: "a", shape: [2, 2]), .init(name: "b", shape: [3], role: .buffer),
  ])

  private func model(_ values: [Float]) -> ModelParameters {
    ModelParameters(layout: layout, values: values)
  }

  /// Groups that differ in one value, one name or the number of parts.
  private var groups: [NamedParts] {
    let least = Float.leastNonzeroMagnitude
    let (one, two) = (model([0, -0.0, least, 3, 4, 5, 6]), model([0, 0, least, 3, 4, 5, 6]))
    return [
      NamedParts(one), NamedParts(two), NamedParts(names: ["other"], parts: [one]),
      NamedParts(names: ["model", "momentum"], parts: [one, two]),
      NamedParts(names: ["model", "momentum"], parts: [two, one]),
    ]
  }

  private func partsComeBackAsTheyWere() async throws {
    for group in groups {
      let digest = try await relay.put(group)
      let found = try await relay.parts(digest)
      try expect(found?.names == group.names, "parts come back with other names")
      let layouts = found?.parts.map(\.layout)
      try expect(layouts == group.parts.map(\.layout), "parts come back with another layout")
      let bits = found?.parts.map { $0.values.map(\.bitPattern) }
      try expect(bits == group.parts.map { $0.values.map(\.bitPattern) }, "parts come back with other bits")
    }
  }

  private func equalPartsHaveOneDigest() async throws {
    var digests: Set<String> = []
    for group in groups {
      let digest = try await relay.put(group)
      let again = try await relay.put(group)
      try expect(again == digest, "the same parts have two digests")
      digests.insert(digest)
    }
    try expect(digests.count == groups.count, "different parts have one digest")
  }

  private func unknownPartsAreAbsent() async throws {
    let found = try await relay.parts(String(repeating: "0", count: 64))
    try expect(found == nil, "the relay has parts that nobody stored")
  }

  private func removedPartsAreGone() async throws {
    let (kept, gone) = (try await relay.put(groups[0]), try await relay.put(groups[1]))
    for _ in 0..<2 { try await relay.remove(gone) }
    try expect(try await relay.parts(gone) == nil, "removed parts are still there")
    try expect(try await relay.parts(kept) != nil, "parts disappeared with others")
    try expect(try await relay.put(groups[1]) == gone, "removed parts have another digest when they return")
    try expect(try await relay.parts(gone) != nil, "removed parts cannot be stored again")
  }
}
