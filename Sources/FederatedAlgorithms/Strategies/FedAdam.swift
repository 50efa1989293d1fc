import FederatedCore

/// FedAdam: the server uses the mean change of the sites as a gradient for Adam (Reddi et al. 2021, algorithm
/// 2).
///
/// For trainable parameters, with Δ the weighted mean of the sites' changes:
///
///     m ← β₁ m + (1 − β₁) Δ,   v ← β₂ v + (1 − β₂) Δ²,   w ← w + η m / (√v + τ)
///
/// starting from m = 0 and v = τ², without bias correction, as in the paper. Buffers, such as running
/// statistics, are averaged as in FedAvg.
public struct FedAdam: Strategy {
  /// The two running moments, m and v. Their entries for buffers keep the initial values.
  public struct Moments: ParameterGroup, Equatable {
    public static let partNames = ["first-moment", "second-moment"]
    public var first: ModelParameters
    public var second: ModelParameters

    public init(first: ModelParameters, second: ModelParameters) {
      self.first = first
      self.second = second
    }
    public init(parts: [ModelParameters]) { self.init(first: parts[0], second: parts[1]) }
    public var parts: [ModelParameters] { [first, second] }
    public mutating func updateParts(_ body: (Int, inout ModelParameters) throws -> Void) rethrows {
      try body(0, &first)
      try body(1, &second)
    }
  }

  /// The server's step size η.
  public let learningRate: Double
  public let beta1: Double
  public let beta2: Double
  /// The degree of adaptivity τ, which is added to √v.
  public let tau: Double

  /// - Precondition: `learningRate` and `tau` are positive; `beta1` and `beta2` are in 0..<1.
  public init(learningRate: Double = 0.01, beta1: Double = 0.9, beta2: Double = 0.99, tau: Double = 1e-3) {
    precondition(learningRate > 0 && tau > 0, "the step is \(learningRate) and τ \(tau)")
    precondition((0..<1).contains(beta1) && (0..<1).contains(beta2), "the decays are \(beta1) and \(beta2)")
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.tau = tau
  }

  public func initialServerState(for layout: ParameterLayout) -> Moments {
    var second = ModelParameters.zeros(layout)
    let start = Float(tau * tau)
    second.buffer.withUnsafeMutableValues { $0.update(repeating: start) }
    return Moments(first: .zeros(layout), second: second)
  }

  public func apply(
    _ aggregate: Aggregate<ModelParameters>, to global: inout ModelParameters, state: inout Moments,
    round: Int, siteCount: Int
  ) {
    let layout = global.layout
    aggregate.payload.buffer.withUnsafeValues { change in
      global.buffer.withUnsafeMutableValues { weights in
        state.first.buffer.withUnsafeMutableValues { first in
          state.second.buffer.withUnsafeMutableValues { second in
            for (entry, range) in layout.ranges {
              switch entry.role {
              case .trainable: step(range, change, weights, first, second)
              case .buffer: for i in range { weights[i] += change[i] }
              }
            }
          }
        }
      }
    }
  }

  private func step(
    _ range: Range<Int>, _ change: UnsafeBufferPointer<Float>, _ weights: UnsafeMutableBufferPointer<Float>,
    _ first: UnsafeMutableBufferPointer<Float>, _ second: UnsafeMutableBufferPointer<Float>
  ) {
    let (rate, tau) = (Float(learningRate), Float(tau))
    let (beta1, beta2) = (Float(beta1), Float(beta2))
    for i in range {
      first[i] = beta1 * first[i] + (1 - beta1) * change[i]
      second[i] = beta2 * second[i] + (1 - beta2) * change[i] * change[i]
      weights[i] += rate * first[i] / (second[i].squareRoot() + tau)
    }
  }
}
