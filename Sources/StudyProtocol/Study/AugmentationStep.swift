/// One random change of training images, drawn anew each time an image is used.
public enum AugmentationStep: Sendable, Equatable {
  /// Mirrors along each of the axes, each with the probability.
  case flip(axes: [Axis], probability: Double)
  /// Turns by an angle uniform in ±`degrees`; in the x-y plane.
  case rotate(degrees: Double, probability: Double)
  /// Zooms by a factor uniform in the range.
  case scale(range: ClosedRange<Double>, probability: Double)
  /// Multiplies intensities by a factor uniform in `gain` and adds a number uniform in `offset`.
  case intensity(gain: ClosedRange<Double>, offset: ClosedRange<Double>, probability: Double)
  /// Adds Gaussian noise.
  case noise(standardDeviation: Double, probability: Double)
}
