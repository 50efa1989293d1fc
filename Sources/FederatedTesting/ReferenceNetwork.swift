import FederatedCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The networks of the reference trainer: a linear map, or a network with one hidden layer and tanh. Each
/// network has one number as its output.
public enum ReferenceNetwork: Sendable, Equatable {
  case linear(inputs: Int)
  case perceptron(inputs: Int, hidden: Int)

  public var inputs: Int {
    switch self {
    case .linear(let inputs), .perceptron(let inputs, _): inputs
    }
  }

  public var layout: ParameterLayout {
    let trainable: [ParameterLayout.Entry] =
      switch self {
      case .linear(let inputs):
        [.init(name: "linear.weight", shape: [1, inputs]), .init(name: "linear.bias", shape: [1])]
      case .perceptron(let inputs, let hidden):
        [
          .init(name: "hidden.weight", shape: [hidden, inputs]), .init(name: "hidden.bias", shape: [hidden]),
          .init(name: "output.weight", shape: [1, hidden]), .init(name: "output.bias", shape: [1]),
        ]
      }
    return ParameterLayout(
      entries: trainable + [.init(name: "inputs.running_mean", shape: [inputs], role: .buffer)])
  }

  /// The number of trainable parameters, which come first in the layout.
  var trainableCount: Int { layout.count - inputs }

  func output(of input: [Float], _ weights: [Float]) -> Float {
    switch self {
    case .linear(let inputs): dot(weights[..<inputs], input) + weights[inputs]
    case .perceptron(_, let hidden):
      dot(weights[outputStart..<outputStart + hidden], activations(input, weights))
        + weights[outputStart + hidden]
    }
  }

  /// Adds the gradient of half the squared error to `gradient`. Returns half the squared error.
  func addGradient(of input: [Float], _ target: Float, _ weights: [Float], to gradient: inout [Float])
    -> Float
  {
    let error = output(of: input, weights) - target
    switch self {
    case .linear(let inputs):
      for i in 0..<inputs { gradient[i] += error * input[i] }
      gradient[inputs] += error
    case .perceptron(let inputs, let hidden):
      for (unit, activation) in activations(input, weights).enumerated() {
        gradient[outputStart + unit] += error * activation
        let back = error * weights[outputStart + unit] * (1 - activation * activation)
        for i in 0..<inputs { gradient[unit * inputs + i] += back * input[i] }
        gradient[hidden * inputs + unit] += back
      }
      gradient[outputStart + hidden] += error
    }
    return error * error / 2
  }

  /// The index of the first weight of the output layer.
  private var outputStart: Int {
    guard case .perceptron(let inputs, let hidden) = self else { return 0 }
    return hidden * (inputs + 1)
  }

  private func activations(_ input: [Float], _ weights: [Float]) -> [Float] {
    guard case .perceptron(let inputs, let hidden) = self else { return input }
    return (0..<hidden).map { unit in
      tanh(dot(weights[unit * inputs..<(unit + 1) * inputs], input) + weights[hidden * inputs + unit])
    }
  }

  private func dot(_ left: ArraySlice<Float>, _ right: [Float]) -> Float {
    zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
