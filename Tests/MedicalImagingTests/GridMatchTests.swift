import Testing

@testable import MedicalImaging

struct GridMatchTests {
  private static let size = [2, 3, 4]

  /// A volume of numbered voxels, 4 × 3 × 2 along x, y, z.
  private func volume(_ geometry: Geometry) -> FloatImage {
    FloatImage(values: (0..<24).map(Float.init), size: Self.size, geometry: geometry)
  }

  private let geometry = Geometry(spacing: [1, 2, 3], origin: [10, 20, 30])

  @Test func sameGridIsNotTurned() {
    let match = GridMatch(of: volume(geometry), on: volume(geometry))
    #expect(match.differences.isEmpty && !match.isTurned && !match.isUnproven)
  }

  /// `reoriented(to:)` moves voxels and geometry together, so turning back must restore the first volume.
  @Test(arguments: ["RPS", "LAS", "LPI", "RAI", "PLS", "SPL", "IAR", "ASL"])
  func flippedAndPermutedVolumeComesBack(_ code: String) throws {
    let reference = volume(geometry)
    let turned = try reference.reoriented(to: code)
    let match = GridMatch(of: turned, on: reference)
    #expect(match.differences.isEmpty && match.isTurned)
    #expect(turned.brought(onto: reference, by: match) == reference)
  }

  @Test func obliqueVolumeComesBack() throws {
    let (cosine, sine) = (0.8, 0.6)
    var oblique = geometry
    oblique.direction = .init(x: [cosine, sine, 0], y: [-sine, cosine, 0], z: [0, 0, 1])
    let reference = volume(oblique)
    let turned = try reference.reoriented(to: "IRA")
    let match = GridMatch(of: turned, on: reference)
    #expect(match.differences.isEmpty)
    #expect(turned.brought(onto: reference, by: match).values == reference.values)
  }

  /// Three tolerances, each tested from both sides.
  @Test(
    arguments: [
      ([0.001, 0, 0], 0, 0, true), ([0.002, 0, 0], 0, 0, false), ([0, 0, 0], 1e-5, 0, true),
      ([0, 0, 0], 1e-3, 0, false), ([0, 0, 0], 0, 1e-4, true), ([0, 0, 0], 0, 1e-3, false),
    ] as [(SIMD3<Double>, Double, Double, Bool)])
  func toleranceIsAsDocumented(offset: SIMD3<Double>, tilt: Double, stretch: Double, isEqual: Bool) {
    var other = geometry
    other.origin += offset
    other.direction.x = [1, tilt, 0]
    other.spacing.z += stretch
    #expect(GridMatch(of: volume(other), on: volume(geometry)).differences.isEmpty == isEqual)
  }

  /// An image with a sform and its mask with a qform: for a turn near 180°, the quaternion has few exact
  /// digits.
  @Test func roundedDirectionIsNoDifference() {
    var other = geometry
    other.direction.x = [1, 5e-4, 0]
    #expect(!GridMatch(of: volume(other), on: volume(geometry)).differences.isEmpty)
    other.directionError = 1e-3
    #expect(GridMatch(of: volume(other), on: volume(geometry)).differences.isEmpty)
    other.origin.x += 0.1
    #expect(GridMatch(of: volume(other), on: volume(geometry)).differences.isEmpty == false)
  }

  @Test func differenceSaysWhatDiffers() {
    var other = geometry
    other.origin.x += 5
    other.spacing.z = 1.5
    let match = GridMatch(of: volume(other), on: volume(geometry))
    #expect(
      match.differences == [.spacing(found: [1, 2, 1.5], expected: [1, 2, 3]), .origin(5)])
  }

  @Test func directionIsComparedAsAnAngle() throws {
    var other = geometry
    other.direction = .init(x: [0.8, 0.6, 0], y: [-0.6, 0.8, 0], z: [0, 0, 1])
    let match = GridMatch(of: volume(other), on: volume(geometry))
    guard case .direction(_, _, let degrees) = try #require(match.differences.first) else {
      Issue.record("expected another direction, found \(match.differences)")
      return
    }
    #expect(abs(degrees - 36.869_897_645_844) < 1e-9)
  }

  @Test func onlyPartsStatedByBothAreCompared() {
    var partial = Geometry(spacing: [1, 2, 3], stated: .spacing)
    let silent = GridMatch(of: volume(partial), on: volume(geometry))
    #expect(silent.differences.isEmpty && silent.isUnproven)
    partial.spacing.z = 1
    #expect(!GridMatch(of: volume(partial), on: volume(geometry)).differences.isEmpty)
    let nothing = GridMatch(of: volume(.unstated), on: volume(.unstated))
    #expect(nothing.differences.isEmpty && !nothing.isUnproven)
  }

  /// Once a mask is on the image's grid, it must be resampled and reoriented exactly as the image is.
  @Test func broughtImageTakesTheGeometryOfTheReference() {
    let match = GridMatch(of: volume(.unstated), on: volume(geometry))
    #expect(volume(.unstated).brought(onto: volume(geometry), by: match).geometry == geometry)
  }

  @Test func otherSizeIsTheOnlyDifference() {
    let flat = FloatImage(values: (0..<12).map(Float.init), size: [3, 4], geometry: geometry)
    #expect(
      GridMatch(of: flat, on: volume(geometry)).differences == [.size(found: [4, 3], expected: [4, 3, 2])])
  }

  /// Rows and columns of a picture may be flipped. A picture has no slice distance, so slice distances are
  /// not compared.
  @Test func flippedPictureComesBack() {
    let picture = FloatImage(values: [0, 1, 2, 3, 4, 5], size: [2, 3], geometry: geometry)
    var mirrored = geometry
    mirrored.direction.x = [-1, 0, 0]
    mirrored.origin.x = 12
    mirrored.spacing.z = 7
    let mask = FloatImage(values: [2, 1, 0, 5, 4, 3], size: [2, 3], geometry: mirrored)
    let match = GridMatch(of: mask, on: picture)
    #expect(match.differences.isEmpty)
    #expect(mask.brought(onto: picture, by: match) == picture)
  }
}
