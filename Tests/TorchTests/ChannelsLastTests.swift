import Testing
import Torch

/// Outputs and gradients of a U-Net's layers against their closed forms, with channels both first and last.
@Suite struct ChannelsLastTests {
  static let shapes = [[3, 5, 7, 6], [2, 3, 4, 5, 3]]

  private struct Pass {
    var input: [Double]
    var upstream: [Double]
    var output: [Double]
    var gradient: [Double]
  }

  /// One forward and backward pass; all numbers in the order of the shape.
  private func pass(_ layer: any Module, _ shape: [Int], isChannelsLast: Bool) throws -> Pass {
    let format = isChannelsLast ? MemoryFormat.channelsLast(dimensions: shape.count - 2) : .contiguous
    let generator = try Generator(seed: 6)
    let input = try Tensor.normal(shape, mean: 0.5, generator: generator).contiguous(in: format)
    let upstream = try Tensor.normal(shape, generator: generator)
    #expect(input.isContiguous(in: format))
    try layer.move(to: .cpu, format)
    try input.setRequiresGrad()
    let output = try layer(input, .training(generator))
    #expect(output.shape == shape)
    try (output * upstream).sum().backward()
    let gradient = try #require(try input.grad)
    return Pass(
      input: try input.values(as: Double.self), upstream: try upstream.values(as: Double.self),
      output: try output.values(as: Double.self), gradient: try gradient.values(as: Double.self))
  }

  private func greatestDifference(_ found: [Double], _ expected: [Double]) -> Double {
    guard found.count == expected.count else { return .infinity }
    return zip(found, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  /// y = max(x, 0) + a·min(x, 0): the gradient of x is 1 or a, and the gradient of a is the sum of the
  /// negative values.
  @Test(arguments: shapes, [false, true]) func sharedSlopeMatchesTheClosedForm(
    shape: [Int], isChannelsLast: Bool
  ) throws {
    let layer = try PReLU(slope: 0.25)
    let pass = try pass(layer, shape, isChannelsLast: isChannelsLast)
    #expect(greatestDifference(pass.output, pass.input.map { $0 > 0 ? $0 : 0.25 * $0 }) < 1e-6)
    let gradient = zip(pass.input, pass.upstream).map { $0 > 0 ? $1 : 0.25 * $1 }
    #expect(greatestDifference(pass.gradient, gradient) < 1e-6)
    let slope = zip(pass.input, pass.upstream).reduce(0) { $0 + min($1.0, 0) * $1.1 }
    let found = try #require(try layer.weight.grad).item()
    #expect(abs(found - slope) < 1e-4)
  }

  /// y = (x − m)/s over each channel of each example; the gradient of x is (g − mean g − y·mean(g·y))/s.
  @Test(arguments: shapes, [false, true]) func instanceNormMatchesTheClosedForm(
    shape: [Int], isChannelsLast: Bool
  ) throws {
    let pass = try pass(InstanceNorm(shape[1]), shape, isChannelsLast: isChannelsLast)
    let count = shape[2...].reduce(1, *)
    func mean(_ values: some Collection<Double>) -> Double { values.reduce(0, +) / Double(count) }
    var (output, gradient): ([Double], [Double]) = ([], [])
    for start in stride(from: 0, to: pass.input.count, by: count) {
      let (x, g) = (pass.input[start..<(start + count)], pass.upstream[start..<(start + count)])
      let centre = mean(x)
      let deviation = (mean(x.map { ($0 - centre) * ($0 - centre) }) + 1e-5).squareRoot()
      let y = x.map { ($0 - centre) / deviation }
      let (pull, tilt) = (mean(g), mean(zip(g, y).map { $0 * $1 }))
      output += y
      gradient += zip(g, y).map { ($0 - pull - $1 * tilt) / deviation }
    }
    #expect(greatestDifference(pass.output, output) < 1e-5)
    #expect(greatestDifference(pass.gradient, gradient) < 1e-5)
  }
}
