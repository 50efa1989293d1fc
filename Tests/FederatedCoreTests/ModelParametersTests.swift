import FederatedCore
import Testing

struct ModelParametersTests {
  /// Sizes around the limits of the ranges that threads take.
  static let counts = [0, 1, 7, 65_535, 65_536, 65_537, 600_000]

  private static let numbers = (0..<600_000).map { Float(($0 &* 7919) % 2001 - 1000) / 1000 }

  /// Values in -1...1, different for each shift.
  private func vector(_ count: Int, shift: Int) -> ModelParameters {
    let layout = ParameterLayout(entries: [.init(name: "w", shape: [count])])
    return ModelParameters(
      layout: layout, values: Array(Self.numbers[shift...] + Self.numbers[..<shift])[..<count])
  }

  @Test(arguments: counts) func arithmeticIsElementByElement(count: Int) {
    let (a, b) = (vector(count, shift: 0), vector(count, shift: 1))
    var sum = a
    sum.add(b, scaledBy: 0.5)
    #expect(sum.values == zip(a.values, b.values).map { $0 + 0.5 * $1 })
    var moved = a
    moved.move(towards: b, by: 0.25)
    #expect(moved.values == zip(a.values, b.values).map { $0 + 0.25 * ($1 - $0) })
    let c = vector(count, shift: 2)
    var movedTwice = a
    movedTwice.move(towards: b, by: 0.3, then: c, by: 0.7)
    moved = a
    moved.move(towards: b, by: 0.3)
    moved.move(towards: c, by: 0.7)
    #expect(movedTwice == moved)
    var scaled = a
    scaled.scale(by: 3)
    #expect(scaled.values == a.values.map { 3 * $0 })
    var combined = a
    combined.combine(with: b) { $0 = $0 * $1 }
    #expect(combined.values == zip(a.values, b.values).map { $0 * $1 })
  }

  @Test(arguments: counts) func normIsAccumulatedInDoublePrecision(count: Int) {
    let a = vector(count, shift: 3)
    let expected = a.values.reduce(0.0) { $0 + Double($1) * Double($1) }
    #expect(abs(a.squaredNorm - expected) <= 1e-12 * max(1, expected))
    #expect(a.squaredNorm == a.squaredNorm)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity, -.signalingNaN], [0, 599_999])
  func oneElementThatIsNotFiniteIsFound(_ bad: Float, index: Int) {
    var a = vector(600_000, shift: 0)
    #expect(a.isFinite)
    a.buffer.withUnsafeMutableValues { $0[index] = bad }
    #expect(!a.isFinite)
  }

  @Test func theLargestFiniteNumbersAreFinite() {
    let layout = ParameterLayout(entries: [.init(name: "w", shape: [3])])
    let extremes: [Float] = [.greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude]
    #expect(ModelParameters(layout: layout, values: extremes).isFinite)
  }

  @Test(arguments: [0, 599_999]) func oneElementOutOfRangeIsFound(index: Int) {
    var a = vector(600_000, shift: 0)
    #expect(a.isInRange)
    for (value, isInRange) in [
      (Float(0x1p40), true), (-0x1p40, true), (Float(0x1p40).nextUp, false), (-3e38, false),
      (.infinity, false),
      (.nan, false), (-.nan, false),
    ] {
      a.buffer.withUnsafeMutableValues { $0[index] = value }
      #expect(a.isInRange == isInRange, "\(value)")
      #expect(a.magnitude == (value.isNaN ? .infinity : abs(value)), "\(value)")
    }
    #expect(ModelParameters.zeros(ParameterLayout(entries: [])).magnitude == 0)
  }
}
