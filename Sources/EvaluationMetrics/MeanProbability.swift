/// The mean of the probabilities that several models predict for the same examples.
public struct MeanProbability: Sendable {
  private var sums: [Double] = []
  private var models = 0

  public init() {}

  /// Adds the probabilities of one model; every model has the same number of them, in the same order.
  public mutating func add(_ probabilities: [Float]) {
    precondition(models == 0 || probabilities.count == sums.count)
    if models == 0 { sums = [Double](repeating: 0, count: probabilities.count) }
    for index in sums.indices { sums[index] += Double(probabilities[index]) }
    models += 1
  }

  /// The mean over the models; empty without a model.
  public var value: [Float] { sums.map { Float($0 / Double(models)) } }
}
