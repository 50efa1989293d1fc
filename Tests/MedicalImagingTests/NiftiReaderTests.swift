import Testing

@testable import MedicalImaging

struct NiftiReaderTests {
  @Test(arguments: Fixtures.expected.nifti.keys.sorted())
  func everyVariantMatchesNibabel(_ name: String) throws {
    let expected = try #require(Fixtures.expected.nifti[name])
    let volume = try Volume.read(Fixtures.path(name))
    #expect(volume.shape == expected.shape)
    #expect(volume.voxels.sha256 == expected.sha256)
    #expect(volume.slope == expected.slope && volume.intercept == expected.intercept)
    let origin = volume.geometry.position(of: .zero)
    for axis in 0..<3 {
      var step = SIMD3<Double>.zero
      step[axis] = 1
      let column = (volume.geometry.position(of: step) - origin) * [-1, -1, 1]
      #expect(greatestDifference(column, (0..<3).map { expected.affine[$0 * 4 + axis] }) < 1e-5)
    }
    #expect(greatestDifference(origin * [-1, -1, 1], (0..<3).map { expected.affine[$0 * 4 + 3] }) < 1e-5)
  }

  @Test func voxelsOfAPairAreFoundFromEitherHalf() throws {
    let fromHeader = try Volume.read(Fixtures.path("pair.hdr"))
    #expect(try Volume.read(Fixtures.path("pair.img")) == fromHeader)
  }

  @Test func axesAreNamed() throws {
    #expect(try Volume.read(Fixtures.path("time.nii.gz")).axes == [.time, .slice, .row, .column])
    #expect(try Volume.read(Fixtures.path("rgb.nii")).axes == [.slice, .row, .column, .channel])
  }

  @Test func aHeaderThatDeclaresTerabytesIsRefusedBeforeAnythingIsAllocated() throws {
    var bytes = try Fixtures.bytes("little.nii")
    for offset in stride(from: 42, to: 48, by: 2) { (bytes[offset], bytes[offset + 1]) = (0xFF, 0x7F) }
    let error = #expect(throws: ImageError.self) { try Fixtures.read(bytes, as: "huge.nii") }
    #expect(error?.code == .malformed)
  }

  @Test func aFaultyChecksumIsNoticed() throws {
    var bytes = try Fixtures.bytes("second.nii.gz")
    bytes[bytes.count - 6] ^= 0xFF
    let error = #expect(throws: ImageError.self) { try Fixtures.read(bytes, as: "checksum.nii.gz") }
    #expect(error?.code == .malformed)
  }
}
