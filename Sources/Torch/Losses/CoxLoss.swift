/// Cox's negative log partial likelihood, averaged over events (Cox 1972).
///
/// Output: [n] or [n, 1] logarithms of the relative hazard. Target: [n, 2] with the time in the first column.
/// The second column is 1 for an event and 0 for a censored time. A batch without events has loss 0.
public struct CoxLoss: Loss {
  /// The treatment of events at the same time.
  public enum Ties: String, Sendable {
    /// Treats each event as if all patients with tied events were still at risk (Breslow 1974).
    case breslow
    /// Approximates the mean over all orders of the tied events (Efron 1977), which is more accurate if there
    /// are many ties.
    case efron
  }

  private let ties: Ties

  public init(ties: Ties = .efron) { self.ties = ties }

  public func callAsFunction(_ output: Tensor, _ target: Tensor) throws(TorchError) -> Tensor {
    try requireShape(target, [output.count, 2])
    let risk = try output.to(.float64).flatten()
    let values = try target.values(as: Double.self)
    guard values.allSatisfy(\.isFinite) else {
      throw TorchError(.invalidArgument, "CoxLoss expected finite times and events")
    }
    let plan = Plan(target: values)
    guard !plan.events.isEmpty else { return try (risk * 0).sum().to(.float32) }
    return try negativeLogLikelihood(risk, plan).to(.float32)
  }

  private func negativeLogLikelihood(_ risk: Tensor, _ plan: Plan) throws(TorchError) -> Tensor {
    let device = risk.device
    func place(_ index: [Int64]) throws(TorchError) -> Tensor { try Tensor(index).to(device) }

    let sorted = try risk.indexSelect(0, place(plan.order))
    // Shift by the largest value so that no exponential overflows; the shift cancels out.
    let shift = try sorted.detach().max()
    let hazard = try (sorted - shift).exp()
    let events = try place(plan.events)
    var atRisk = try hazard.cumulativeSum(0).indexSelect(0, place(plan.lastAtRisk))
    if ties == .efron {
      let groups = try place(plan.group)
      let tied = try Tensor.zeros([plan.events.count], dtype: .float64, device: device)
        .indexAdd(0, groups, hazard.indexSelect(0, events)).indexSelect(0, groups)
      atRisk = try atRisk - tied * Tensor(plan.fractionGone).to(device)
    }
    return try (atRisk.log() + shift - sorted.indexSelect(0, events)).mean()
  }
}

/// The plan of the computation: for each event, the examples at risk. Positions refer to `order`, in which
/// the latest time comes first.
private struct Plan {
  /// The indices of the examples, latest time first.
  var order: [Int64]
  /// The positions of the events in `order`.
  var events: [Int64] = []
  /// For each event, the position in `order` of the last example that is still at risk at the time of the
  /// event.
  var lastAtRisk: [Int64] = []
  /// For each event, the number of its group. Events at the same time form a group.
  var group: [Int64] = []
  /// For each event, the fraction of its group that Efron's method regards as no longer at risk.
  var fractionGone: [Double] = []

  init(target: [Double]) {
    let times = stride(from: 0, to: target.count, by: 2).map { target[$0] }
    let happened = stride(from: 1, to: target.count, by: 2).map { target[$0] > 0.5 }
    let order = times.indices.sorted { (times[$1], $0) < (times[$0], $1) }
    self.order = order.map(Int64.init)
    var start = 0
    var groupCount: Int64 = 0
    while start < order.count {
      let end = order[start...].firstIndex { times[$0] != times[order[start]] } ?? order.count
      let tied = (start..<end).filter { happened[order[$0]] }
      for (rank, position) in tied.enumerated() {
        events.append(Int64(position))
        lastAtRisk.append(Int64(end - 1))
        group.append(groupCount)
        fractionGone.append(Double(rank) / Double(tied.count))
      }
      if !tied.isEmpty { groupCount += 1 }
      start = end
    }
  }
}
