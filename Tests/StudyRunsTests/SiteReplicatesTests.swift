import FederatedCore
import Testing

@testable import StudyRuns

struct SiteReplicatesTests {
  private let maker = SiteReplicates(seed: 7, count: 20_000, confidence: 0.95)

  /// An estimate with this standard error: the 95 % interval extends 1.96 errors to each side.
  private func estimate(_ value: Double, error: Double) -> MetricEstimate {
    MetricEstimate(
      name: "dice", value: value, patientCount: 30,
      interval: MetricInterval(low: value - 1.959963985 * error, high: value + 1.959963985 * error))
  }

  private func evaluation(_ metric: MetricEstimate, against: [(String, Double)] = []) -> SiteEvaluation {
    SiteEvaluation(
      patientCount: 30, exampleCount: 30, loss: nil, metrics: [metric],
      comparisons: against.map { other, error in
        PairedComparison(
          metric: "dice", against: other, patientCount: 30,
          interval: MetricInterval(low: -1.959963985 * error, high: 1.959963985 * error))
      })
  }

  private func deviation(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)).squareRoot()
  }

  /// The standard errors of two models are 0.03 and 0.04, and their difference has the standard error 0.02.
  /// The drawn replicates reproduce all three standard errors.
  @Test func drawnReplicatesHaveTheWidthsThatTheSiteSent() throws {
    let tests = [
      "a": evaluation(estimate(0.7, error: 0.03)),
      "b": evaluation(estimate(0.8, error: 0.04), against: [("a", 0.02)]),
    ]
    let filled = maker.fill(tests, of: SiteID("north"))
    let a = try #require(filled["a"]?["dice"]?.replicates)
    let b = try #require(filled["b"]?["dice"]?.replicates)
    #expect(a.count == 20_000 && b.count == 20_000)
    #expect(abs(deviation(a) - 0.03) < 0.001)
    #expect(abs(deviation(b) - 0.04) < 0.001)
    #expect(abs(deviation(zip(a, b).map { $0 - $1 }) - 0.02) < 0.001)
    #expect(abs(a.reduce(0, +) / 20_000 - 0.7) < 0.001)
    #expect(maker.fill(tests, of: SiteID("north")) == filled)
    #expect(maker.fill(tests, of: SiteID("south")) != filled)
  }

  /// √(0.03² + 0.04²) = 0.05.
  @Test func modelsWithoutADifferenceAreTreatedAsIndependent() throws {
    let filled = maker.fill(
      ["a": evaluation(estimate(0.7, error: 0.03)), "b": evaluation(estimate(0.8, error: 0.04))],
      of: SiteID("north"))
    let differences = zip(
      try #require(filled["a"]?["dice"]?.replicates), try #require(filled["b"]?["dice"]?.replicates)
    ).map { $0 - $1 }
    #expect(abs(deviation(differences) - 0.05) < 0.001)
  }

  @Test func replicatesThatASiteSentAreKept() {
    let own = MetricEstimate(name: "dice", value: 0.5, patientCount: 9, replicates: [0.4, 0.6])
    let none = MetricEstimate(name: "dice", value: 0.5, patientCount: 9)
    let tests = ["a": evaluation(own), "b": evaluation(none)]
    #expect(maker.fill(tests, of: SiteID("north")) == tests)
  }

  @Test func factorOfAKnownMatrix() {
    // NumPy's factor: 2, 1 and √2.
    #expect(SiteReplicates.choleskyFactor(of: [[4, 2], [2, 3]]) == [[2, 0], [1, 2.0.squareRoot()]])
    // A model that equals a previous model adds no new direction.
    #expect(SiteReplicates.choleskyFactor(of: [[1, 1], [1, 1]]) == [[1, 0], [1, 0]])
  }

  @Test(arguments: [(0.975, 1.959963985), (0.95, 1.644853627), (0.5, 0), (0.999, 3.090232306)])
  func quantilesOfTheNormalDistribution(probability: Double, value: Double) {
    #expect(abs(SiteReplicates.normalQuantile(probability) - value) < 1e-8)
  }
}
