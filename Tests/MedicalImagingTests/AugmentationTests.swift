import Testing

@testable import MedicalImaging

/// SplitMix64, the generator that callers pass.
struct TestGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

struct AugmentationTests {
  private let expected = Fixtures.expected.transforms
  private var picture: FloatImage { FloatImage(values: expected.picture.map(Float.init), size: [8, 12]) }
  private var volume: FloatImage { FloatImage(values: expected.volume.map(Float.init), size: [6, 7, 5]) }

  private let all = Augmentation([
    .flip(axes: [.x, .y, .z], probability: 0.5), .rotate(degrees: 15, probability: 0.8),
    .scale(0.9...1.1, probability: 0.8),
    .intensity(scale: 0.9...1.1, shift: -0.1...0.1, gamma: 0.8...1.2, probability: 0.8),
    .noise(0.01...0.1, probability: 0.8),
  ])

  @Test func rotationAndScalingMatchSciPy() {
    var placement = Placement.identity
    placement.rotate(2, by: 0.3)
    placement.scale(by: 1.2)
    #expect(greatestDifference(picture.placed(placement, .linear).values, expected.turned) < 1e-5)
    #expect(greatestDifference(picture.placed(placement, .nearest).values, expected.turnedNearest) < 1e-6)
    var larger = Placement.identity
    larger.scale(by: 1.2)
    #expect(greatestDifference(volume.placed(larger, .linear).values, expected.magnified) < 1e-3)
  }

  @Test(arguments: [Augmentation.Axis.x, .y, .z])
  func flippingTwiceRestoresTheImage(_ axis: Augmentation.Axis) {
    var flips = [false, false, false]
    flips[axis.rawValue] = true
    let flipped = volume.flipped(flips)
    #expect(flipped != volume)
    #expect(flipped.flipped(flips) == volume)
  }

  @Test func quarterTurnIsExactWithAnySpacing() {
    // A quarter turn of an image with square extents moves whole voxels, whatever the spacing's unit.
    let square = FloatImage(
      values: (0..<9).map(Float.init), size: [3, 3], geometry: Geometry(spacing: [2, 2, 1]))
    var quarter = Placement.identity
    quarter.rotate(2, by: .pi / 2)
    let turned = square.placed(quarter, .nearest)
    #expect(
      [[2, 5, 8, 1, 4, 7, 0, 3, 6], [6, 3, 0, 7, 4, 1, 8, 5, 2]].contains(turned.values.map { Int($0) }))
  }

  @Test func theSameSeedGivesTheSameImage() {
    for image in [picture, volume] {
      var (first, second, third) = (image, image, image)
      var (one, two, other) = (TestGenerator(state: 5), TestGenerator(state: 5), TestGenerator(state: 6))
      all.apply(to: &first, using: &one)
      all.apply(to: &second, using: &two)
      all.apply(to: &third, using: &other)
      #expect(first == second && first != third && first != image)
    }
  }

  @Test func maskMovesWithTheImageAndKeepsItsValues() {
    // An image that is its own mask: voxels must move to the same places; changes of intensity leave the mask
    // unchanged.
    let mask = FloatImage(values: expected.volume.map { $0 > 100 ? 1 : 0 }, size: [6, 7, 5])
    let spatial = Augmentation([.flip(axes: [.x], probability: 0.5), .rotate(degrees: 20, probability: 1)])
    for seed in 0..<8 as Range<UInt64> {
      var (image, moved) = (mask, mask)
      var generator = TestGenerator(state: seed)
      spatial.apply(to: &image, mask: &moved, using: &generator)
      #expect(Set(moved.values).isSubset(of: [0, 1]))
      // Linear and nearest agree wherever the linear value is clearly above or below a half.
      for (value, label) in zip(image.values, moved.values) where abs(value - 0.5) > 0.499 {
        #expect((value > 0.5) == (label > 0.5))
      }
    }
    var (image, untouched) = (volume, mask)
    var generator = TestGenerator(state: 1)
    Augmentation([.noise(1...1, probability: 1)]).apply(to: &image, mask: &untouched, using: &generator)
    #expect(untouched == mask && image != volume)
  }

  @Test func noiseHasTheStatedDeviation() {
    var image = FloatImage(values: [Float](repeating: 0, count: 100_000), size: [100, 1000])
    image.addNoise(deviation: 2, seed: 3)
    let mean = image.values.map(Double.init).reduce(0, +) / 100_000
    let variance = image.values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / 100_000
    #expect(abs(mean) < 0.03)
    #expect(abs(variance.squareRoot() - 2) < 0.03)
  }

  @Test func intensityIsScaleShiftThenGamma() {
    var image = FloatImage(values: [0, 1, 2, 4], size: [2, 2])
    image.adjustIntensity(scale: 2, shift: 1, gamma: 2)
    // The values 1, 3, 5 and 9 lie at 0, 1/4, 1/2 and 1 of the range of 8. These positions are squared.
    #expect(image.values == [1, 1.5, 3, 9])
  }
}
