/// Random changes to a training image that preserve its meaning.
///
///     let augmentation = Augmentation([.flip(axes: [.x], probability: 0.5), .rotate(degrees: 10, probability: 0.3)])
///     augmentation.apply(to: &image, mask: &mask, using: &generator)
///
/// The numbers drawn depend only on the generator and the steps, not on the image. A generator seeded per
/// sample therefore yields the same picture in every run, however many samples are prepared at once. The
/// rotations, scalings and flips of all steps form one resampling, which precedes the changes of intensity.
/// The mask is resampled in the same way, but with the nearest value instead of linear interpolation.
public struct Augmentation: Sendable, Hashable {
  /// An axis of the index grid: x along columns, y along rows, z along slices.
  public enum Axis: Int, Sendable, Hashable, Codable, CaseIterable {
    case x, y, z
  }

  /// One random change of an image. `probability` is the probability that the change is applied.
  public enum Step: Sendable, Hashable {
    /// Mirrors the image along each of the axes independently, with this probability per axis.
    case flip(axes: Set<Axis>, probability: Double)
    /// Rotates the image by up to `degrees` in either direction about the z axis; a volume also about the x
    /// and y axes.
    case rotate(degrees: Double, probability: Double)
    /// Magnifies the image by a factor that is drawn from the range.
    case scale(ClosedRange<Double>, probability: Double)
    /// Multiplies all values by a factor from `scale` and adds a number from `shift`. Then maps the values to
    /// 0...1, raises them to a power from `gamma`, and maps them back; `gamma` 1...1 skips this.
    case intensity(
      scale: ClosedRange<Double> = 1...1, shift: ClosedRange<Double> = 0...0,
      gamma: ClosedRange<Double> = 1...1,
      probability: Double)
    /// Adds Gaussian noise whose standard deviation is drawn from the range.
    case noise(ClosedRange<Double>, probability: Double)
  }

  public var steps: [Step]

  public init(_ steps: [Step]) { self.steps = steps }

  /// Changes an image.
  public func apply(to image: inout FloatImage, using generator: inout some RandomNumberGenerator) {
    let drawn = draw(&generator, isVolume: image.isVolume)
    drawn.place(&image, .linear)
    drawn.adjust(&image)
  }

  /// Changes an image and its mask. Changes of intensity leave the mask as it is.
  ///
  /// - Precondition: the image and the mask have the same size.
  public func apply(
    to image: inout FloatImage, mask: inout FloatImage, using generator: inout some RandomNumberGenerator
  ) {
    precondition(image.size == mask.size, "image and mask differ in size: \(image.size) and \(mask.size)")
    let drawn = draw(&generator, isVolume: image.isVolume)
    drawn.place(&image, .linear)
    drawn.place(&mask, .nearest)
    drawn.adjust(&image)
  }

  /// The changes drawn for one sample.
  private struct Drawn {
    var placement = Placement.identity
    var adjustments: [(inout FloatImage) -> Void] = []

    func place(_ image: inout FloatImage, _ interpolation: Interpolation) {
      if placement != .identity { image = image.placed(placement, interpolation) }
    }

    func adjust(_ image: inout FloatImage) {
      for adjustment in adjustments { adjustment(&image) }
    }
  }

  /// Draws the numbers of all steps in order. Steps that are not applied draw numbers too, so that the
  /// numbers of later steps stay the same.
  private func draw(_ generator: inout some RandomNumberGenerator, isVolume: Bool) -> Drawn {
    var drawn = Drawn()
    for step in steps {
      switch step {
      case .flip(let axes, let probability):
        for axis in Axis.allCases where axes.contains(axis) {
          if generator.happens(probability) { drawn.placement.flip(axis.rawValue) }
        }
      case .rotate(let degrees, let probability):
        let happens = generator.happens(probability)
        let angles = (0..<3).map { _ in generator.uniform(-degrees...degrees) * .pi / 180 }
        guard happens else { continue }
        for axis in isVolume ? [0, 1, 2] : [2] { drawn.placement.rotate(axis, by: angles[axis]) }
      case .scale(let range, let probability):
        let (happens, factor) = (generator.happens(probability), generator.uniform(range))
        if happens { drawn.placement.scale(by: factor) }
      case .intensity(let scale, let shift, let gamma, let probability):
        let happens = generator.happens(probability)
        let numbers = (generator.uniform(scale), generator.uniform(shift), generator.uniform(gamma))
        guard happens else { continue }
        drawn.adjustments.append { $0.adjustIntensity(scale: numbers.0, shift: numbers.1, gamma: numbers.2) }
      case .noise(let range, let probability):
        let (happens, deviation, seed) = (
          generator.happens(probability), generator.uniform(range), generator.next()
        )
        if happens { drawn.adjustments.append { $0.addNoise(deviation: Float(deviation), seed: seed) } }
      }
    }
    return drawn
  }
}

extension RandomNumberGenerator {
  /// A random number, uniform in [0, 1). Computed here so that it does not depend on the standard library's
  /// version.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
  mutating func uniform(_ range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * unit()
  }
  mutating func happens(_ probability: Double) -> Bool { unit() < probability }
}
