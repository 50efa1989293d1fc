/// Combines the updates of one round into a single update. Each round uses a new aggregator.
///
/// The runtime adds updates in the order of their sites, whatever the order in which they arrive. A
/// floating-point sum is therefore the same for every arrival order and every number of workers.
/// `AggregatorLaws` in FederatedTesting checks the laws that every aggregator must obey.
public protocol Aggregator<Payload>: Sendable {
  associatedtype Payload: ParameterGroup

  /// Adds one update.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the shapes differ, or if the weight is not a
  ///   positive finite number.
  mutating func add(_ update: borrowing ModelUpdate<Payload>) throws(ConsiliumError)

  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if there was no update.
  consuming func finish() throws(ConsiliumError) -> Aggregate<Payload>
}

extension ModelUpdate {
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the weight is not finite and positive.
  public func checkWeight() throws(ConsiliumError) {
    guard weight.isFinite, weight > 0 else {
      throw ConsiliumError(
        .invalidUpdate,
        "the update of site '\(site)' in round \(round) has weight \(weight); expected a positive number")
    }
  }
}

/// The weighted mean of the updates (McMahan et al. 2017, FedAvg), computed as a running mean, which needs
/// the memory of one accumulator instead of all updates.
///
/// A running mean, unlike a sum, cannot overflow. The running mean of equal updates is that update, bit for
/// bit.
public struct WeightedMean<Payload: ParameterGroup>: Aggregator {
  private var mean: Payload?
  /// An update that waits for the next update, so that both are added to the mean in one pass. Memory
  /// bandwidth limits the speed, so a pass over two updates costs little more than a pass over one.
  private var waiting: (payload: Payload, fraction: Float)?
  private var weight = 0.0
  private var count = 0

  public init() {}

  public mutating func add(_ update: borrowing ModelUpdate<Payload>) throws(ConsiliumError) {
    try update.checkWeight()
    weight += update.weight
    count += 1
    guard mean != nil else {
      mean = update.payload
      return
    }
    try checkLayout(update)
    let fraction = Float(update.weight / weight)
    if let first = waiting.take() {
      mean?.move(towards: first.payload, by: first.fraction, then: update.payload, by: fraction)
    } else {
      waiting = (update.payload, fraction)
    }
  }

  private func checkLayout(_ update: borrowing ModelUpdate<Payload>) throws(ConsiliumError) {
    guard let mean, mean.parts.map(\.layout) == update.payload.parts.map(\.layout) else {
      throw ConsiliumError(otherParametersOf: update)
    }
  }

  public consuming func finish() throws(ConsiliumError) -> Aggregate<Payload> {
    guard var mean = mean.take() else {
      throw ConsiliumError(.invalidUpdate, "there are no updates to average")
    }
    if let last = waiting.take() { mean.move(towards: last.payload, by: last.fraction) }
    return Aggregate(payload: mean, totalWeight: weight, contributors: count)
  }
}

extension ConsiliumError {
  /// Creates the error for an update whose parameters differ from those of the updates before it.
  public init(otherParametersOf update: borrowing ModelUpdate<some ParameterGroup>) {
    self.init(
      .invalidUpdate,
      "the update of site '\(update.site)' in round \(update.round) has other parameters than those before it"
    )
  }
}
