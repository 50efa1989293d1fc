import FederatedCore

/// Laws that every aggregator must satisfy.
public struct AggregatorLaws<A: Aggregator>: Sendable {
  let makeAggregator: @Sendable () -> A
  let makePayload: @Sendable (inout RandomStream) -> A.Payload
  let usesWeights: Bool?

  /// - Parameters:
  ///   - makePayload: Creates a different payload each time, with one fixed layout and values in -1...1.
  ///   - usesWeights: `true` if an update of weight 3 is equivalent to three updates of weight 1, `false` if
  ///     weights have no effect, `nil` if neither holds, such as for a mean that also depends on ranks.
  public init(
    usesWeights: Bool?, payload makePayload: @escaping @Sendable (inout RandomStream) -> A.Payload,
    aggregator makeAggregator: @escaping @Sendable () -> A
  ) {
    self.usesWeights = usesWeights
    self.makePayload = makePayload
    self.makeAggregator = makeAggregator
  }

  /// - Throws: ``LawBroken`` naming the law.
  public func check() throws {
    try noUpdatesIsAnError()
    try badWeightIsAnError()
    try equalUpdatesGiveThatUpdate()
    for count in [1, 2, 3, 8] {
      let updates = updates(count: count)
      try orderDoesNotMatter(updates)
      try weightsCountAsStated(updates)
      try staysBetweenTheUpdates(updates)
    }
    try staysFinite()
  }

  private func updates(count: Int, weight: (Int) -> Double = { Double($0 + 1) }) -> [ModelUpdate<A.Payload>] {
    var generator = RandomStream(seed: UInt64(count))
    return (0..<count).map {
      ModelUpdate(
        site: SiteID("site-\($0)"), round: 1, payload: makePayload(&generator), weight: weight($0))
    }
  }

  private func combine(_ updates: [ModelUpdate<A.Payload>]) throws -> Aggregate<A.Payload> {
    var aggregator = makeAggregator()
    for update in updates { try aggregator.add(update) }
    return try aggregator.finish()
  }

  private func noUpdatesIsAnError() throws {
    do {
      _ = try makeAggregator().finish()
    } catch {
      return try expect(
        error.code == .invalidUpdate, "combining no updates threw the error code \(error.code)")
    }
    throw LawBroken(description: "an aggregate was computed from no updates")
  }

  private func badWeightIsAnError() throws {
    for weight in [0, -1, Double.nan, .infinity] {
      do {
        var aggregator = makeAggregator()
        try aggregator.add(updates(count: 1) { _ in weight }[0])
      } catch {
        try expect(error.code == .invalidUpdate, "weight \(weight) threw the error code \(error.code)")
        continue
      }
      throw LawBroken(description: "an update of weight \(weight) was accepted")
    }
  }

  private func equalUpdatesGiveThatUpdate() throws {
    let one = updates(count: 1)[0]
    for count in [1, 2, 3, 7] {
      let equal = (0..<count).map {
        ModelUpdate(site: SiteID("site-\($0)"), round: 1, payload: one.payload, weight: Double($0 + 1) * 0.7)
      }
      let aggregate = try combine(equal)
      try expect(
        aggregate.payload.relativeDistance(to: one.payload) < 1e-6,
        "\(count) equal updates are combined into a different one")
      try expect(
        aggregate.contributors == count, "\(count) updates have \(aggregate.contributors) contributors")
    }
  }

  private func orderDoesNotMatter(_ updates: [ModelUpdate<A.Payload>]) throws {
    let (forwards, backwards) = (try combine(updates), try combine(updates.reversed()))
    let distance = forwards.payload.relativeDistance(to: backwards.payload)
    try expect(distance < 1e-5, "\(updates.count) updates in reverse order differ by \(distance)")
    try expect(forwards.totalWeight == backwards.totalWeight, "the total weight depends on the order")
  }

  private func weightsCountAsStated(_ updates: [ModelUpdate<A.Payload>]) throws {
    guard let usesWeights else { return }
    let expected = try combine(
      usesWeights
        ? updates.flatMap { update in
          (0..<Int(update.weight)).map { _ in
            ModelUpdate(site: update.site, round: 1, payload: update.payload, weight: 1)
          }
        } : updates.map { ModelUpdate(site: $0.site, round: 1, payload: $0.payload, weight: 1) })
    let distance = try combine(updates).payload.relativeDistance(to: expected.payload)
    try expect(distance < 1e-5, "the weights of \(updates.count) updates are off by \(distance)")
  }

  private func staysBetweenTheUpdates(_ updates: [ModelUpdate<A.Payload>]) throws {
    let columns = updates.map(\.payload.allValues)
    for (i, value) in try combine(updates).payload.allValues.enumerated() {
      let column = columns.map { $0[i] }
      let (low, high) = (column.min() ?? 0, column.max() ?? 0)
      try expect(
        (low - 1e-6...high + 1e-6).contains(value), "element \(i) is \(value), outside \(low)...\(high)")
    }
  }

  private func staysFinite() throws {
    let huge = updates(count: 5) { $0.isMultiple(of: 2) ? 1e12 : 1e-12 }.map { update in
      var update = update
      update.payload.scale(by: 1e37)
      return update
    }
    try expect(
      try combine(huge).payload.isFinite, "large finite updates are combined into one that is not finite")
  }
}
