/// A simulated hospital: the properties of its scanner and of its patients.
public struct Scanner: Sendable {
  /// The name of the site. The names of its patients begin with this name.
  public var site: String
  public var patientCount: Int
  /// The number of pixels along each side of a slice.
  public var matrix: Int
  public var sliceCount: Int
  /// The size of a pixel in mm.
  public var pixelSize: Double
  /// The distance between slices in mm.
  public var sliceDistance: Double
  /// Whether the stored rows run from the patient's right to the left.
  public var isRadiological: Bool

  /// The probabilities of 0, 1, 2 and 3 lesions, which add up to 1.
  public var lesionChances: [Double]
  /// The range of a lesion's mean semiaxis, in mm.
  public var lesionSizes: ClosedRange<Double>
  public var ages: ClosedRange<Int>

  var contrast: Contrast
  /// The stored value of white matter before the bias field.
  var gain: Double
  /// The standard deviation of the noise in the real and the imaginary part of the signal, relative to white
  /// matter.
  var noise: Double
  /// The variation of the coil's sensitivity over the head, relative to its mean.
  var bias: Double
  /// The number of times that a slice is smoothed; 0 for the sharpest scanner.
  var blur: Int
}

extension Scanner {
  /// The same scanner with fewer patients, pixels and slices over the same field of view; for quick tests.
  public func reduced(patients: Int, matrix: Int, slices: Int) -> Scanner {
    var scanner = self
    (scanner.patientCount, scanner.matrix, scanner.sliceCount) = (patients, matrix, slices)
    scanner.pixelSize = pixelSize * Double(self.matrix) / Double(matrix)
    scanner.sliceDistance = sliceDistance * Double(sliceCount) / Double(slices)
    return scanner
  }

  /// Draws the number of lesions of the next patient.
  func lesionCount(using generator: inout some RandomNumberGenerator) -> Int {
    var rest = generator.nextUnit()
    for (count, chance) in lesionChances.enumerated() {
      rest -= chance
      if rest < 0 { return count }
    }
    return lesionChances.count - 1
  }

  /// Four scanners that differ as much as those of a multi-centre study.
  public static let standard: [Scanner] = [.north, .east, .south, .west]

  /// A recent 3-tesla scanner: sharp, little noise.
  static let north = Scanner(
    site: "north", patientCount: 16, matrix: 128, sliceCount: 24, pixelSize: 1.8, sliceDistance: 5.5,
    isRadiological: false, lesionChances: [0.05, 0.65, 0.2, 0.1], lesionSizes: 9...22, ages: 24...78,
    contrast: .flair, gain: 420, noise: 0.03, bias: 0.08, blur: 0)

  /// A 3-tesla scanner with an uneven coil: strong bias field, bright scalp.
  static let east: Scanner = {
    var scanner = Scanner(
      site: "east", patientCount: 12, matrix: 128, sliceCount: 24, pixelSize: 1.75, sliceDistance: 5.5,
      isRadiological: false, lesionChances: [0.1, 0.6, 0.2, 0.1], lesionSizes: 8...20, ages: 19...70,
      contrast: .flair, gain: 1500, noise: 0.05, bias: 0.38, blur: 1)
    scanner.contrast.scalp = 1.8
    scanner.contrast.lesion = 1.65
    return scanner
  }()

  /// An old 1.5-tesla scanner: noisy, soft, few thick slices.
  static let south: Scanner = {
    var scanner = Scanner(
      site: "south", patientCount: 12, matrix: 128, sliceCount: 20, pixelSize: 1.9, sliceDistance: 6.5,
      isRadiological: true, lesionChances: [0.15, 0.6, 0.15, 0.1], lesionSizes: 10...24, ages: 40...86,
      contrast: .flair, gain: 110, noise: 0.13, bias: 0.15, blur: 2)
    scanner.contrast.grey = 1.15
    scanner.contrast.lesion = 1.7
    return scanner
  }()

  /// A scanner with a shorter inversion time: fluid is not fully suppressed, grey and white matter differ
  /// more, and lesions stand out less.
  static let west: Scanner = {
    var scanner = Scanner(
      site: "west", patientCount: 8, matrix: 128, sliceCount: 28, pixelSize: 1.7, sliceDistance: 4.6,
      isRadiological: false, lesionChances: [0.3, 0.5, 0.15, 0.05], lesionSizes: 6...15, ages: 30...74,
      contrast: .flair, gain: 800, noise: 0.06, bias: 0.2, blur: 1)
    scanner.contrast.fluid = 0.55
    scanner.contrast.grey = 1.4
    scanner.contrast.lesion = 1.85
    scanner.contrast.scalp = 0.8
    return scanner
  }()
}
