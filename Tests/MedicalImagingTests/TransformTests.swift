import Testing

@testable import MedicalImaging

/// Compares transforms with those of SimpleITK and OpenCV.
struct TransformTests {
  private let expected = Fixtures.expected.transforms

  private var volume: FloatImage {
    let matrix = expected.direction
    let columns = (0..<3).map { SIMD3(matrix[$0], matrix[3 + $0], matrix[6 + $0]) }
    return FloatImage(
      values: expected.volume.map(Float.init), size: [6, 7, 5],
      geometry: Geometry(
        spacing: [1, 2, 3], origin: [4, 5, 6], direction: .init(x: columns[0], y: columns[1], z: columns[2])))
  }

  private var picture: FloatImage { FloatImage(values: expected.picture.map(Float.init), size: [8, 12]) }

  @Test(arguments: Fixtures.expected.transforms.reoriented.keys.sorted())
  func reorientationMatchesSimpleITK(_ code: String) throws {
    let grid = try #require(expected.reoriented[code])
    let turned = try volume.reoriented(to: code)
    #expect(turned.size == grid.size && turned.geometry.orientation == code)
    #expect(greatestDifference(turned.values, grid.values) < 1e-4)
    #expect(greatestDifference(turned.geometry.origin, grid.origin) < 1e-6)
    #expect(greatestDifference(turned.geometry.spacing, grid.spacing) < 1e-9)
    let direction = try #require(grid.direction)
    for axis in 0..<3 {
      #expect(
        greatestDifference(turned.geometry.direction[axis], (0..<3).map { direction[$0 * 3 + axis] }) < 1e-6)
    }
  }

  @Test(arguments: ["RA", "RAA", "XYZ", "RLS"])
  func impossibleOrientationsAreRefused(_ code: String) {
    #expect(throws: ImageError.self) { try volume.reoriented(to: code) }
  }

  @Test func resamplingOntoAFinerGridMatchesSimpleITK() throws {
    for (grid, interpolation) in [(expected.linear, Interpolation.linear), (expected.nearest, .nearest)] {
      let fine = try volume.resized(to: grid.size, interpolation: interpolation)
      #expect(greatestDifference(fine.values, grid.values) < 1e-3)
      #expect(greatestDifference(fine.geometry.origin, grid.origin) < 1e-6)
      #expect(greatestDifference(fine.geometry.spacing, grid.spacing) < 1e-9)
    }
    #expect(try volume.resampled(spacing: [0.5, 1, 1]) == volume.resized(to: [18, 14, 10]))
  }

  @Test func resizingPicturesMatchesOpenCV() throws {
    #expect(greatestDifference(try picture.resized(to: [13, 19]).values, expected.enlarged) < 1e-5)
    #expect(greatestDifference(try picture.resized(to: [3, 5]).values, expected.reduced) < 1e-5)
  }

  @Test func cropsTheMiddleAndPadsAroundIt() throws {
    let image = FloatImage(values: (0..<20).map(Float.init), size: [4, 5])
    #expect(try image.croppedOrPadded(to: [2, 3]).values == [6, 7, 8, 11, 12, 13])
    let padded = try image.croppedOrPadded(to: [5, 8], fill: -1)
    #expect(Array(padded.values[..<8]) == [-1, 0, 1, 2, 3, 4, -1, -1])
    #expect(padded.values[32...].allSatisfy { $0 == -1 })
    let cut = try volume.croppedOrPadded(to: [4, 9, 5])
    #expect(cut.values[9 * 5 * 0 + 5] == volume.values[7 * 5])
    #expect(
      greatestDifference(cut.geometry.origin, asArray(volume.geometry.position(of: [0, -1, 1]))) < 1e-12)
  }

  @Test func aMaskKeepsItsValues() throws {
    let mask = FloatImage(values: expected.volume.map { $0 > 110 ? 2 : $0 > 90 ? 1 : 0 }, size: [6, 7, 5])
    for size in [[3, 3, 3], [11, 9, 8]] {
      #expect(Set(try mask.resized(to: size, interpolation: .nearest).values).isSubset(of: [0, 1, 2]))
    }
  }

  @Test func colourBecomesTheFirstAxis() throws {
    let pixels = (0..<12).map { UInt8($0) }
    let volume = Volume(
      voxels: Voxels(type: .uint8, bytes: pixels), shape: [2, 2, 3], axes: [.row, .column, .channel],
      source: ImageSource(format: "PNG"))
    let image = try FloatImage(volume)
    #expect(image.channels == 3 && image.size == [2, 2])
    #expect(image.values == [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11])
  }

  @Test func seriesOverTimeIsRefusedForTraining() throws {
    let volume = try Volume.read(Fixtures.path("time.nii.gz"))
    #expect(throws: ImageError.self) { try FloatImage(volume) }
  }

  private func asArray(_ vector: SIMD3<Double>) -> [Double] { [vector.x, vector.y, vector.z] }
}
