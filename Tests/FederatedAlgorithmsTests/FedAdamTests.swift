import FederatedAlgorithms
import FederatedCore
import Testing

struct FedAdamTests {
  /// Constant changes make the moments geometric series: m_t = (1 − β₁ᵗ) Δ and v_t = Δ² + β₂ᵗ (τ² − Δ²).
  @Test func followsItsClosedForm() {
    let strategy = FedAdam(learningRate: 0.02, beta1: 0.9, beta2: 0.99, tau: 1e-3)
    let layout = ParameterLayout(entries: [
      .init(name: "w", shape: [2]), .init(name: "running_mean", shape: [1], role: .buffer),
      .init(name: "b", shape: []),
    ])
    let change = [0.5, -0.25, 0.125, 0.01]
    var model = ModelParameters.zeros(layout)
    var state = strategy.initialServerState(for: layout)
    var expected = [0.0, 0, 0, 0]
    var (decay1, decay2) = (1.0, 1.0)
    for round in 1...5 {
      let aggregate = Aggregate(
        payload: ModelParameters(layout: layout, values: change.map(Float.init)), totalWeight: 1,
        contributors: 1)
      strategy.apply(aggregate, to: &model, state: &state, round: round, siteCount: 1)
      decay1 *= 0.9
      decay2 *= 0.99
      for (i, delta) in change.enumerated() {
        let square = delta * delta + decay2 * (1e-6 - delta * delta)
        expected[i] += i == 2 ? delta : 0.02 * (1 - decay1) * delta / (square.squareRoot() + 1e-3)
      }
    }
    for (value, expected) in zip(model.values, expected) {
      #expect(abs(Double(value) - expected) < 1e-6 * max(1, abs(expected)))
    }
  }
}
