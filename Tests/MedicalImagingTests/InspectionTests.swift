import Foundation
import Testing

@testable import MedicalImaging

struct InspectionTests {
  @Test func reportsWhatTheFileStates() throws {
    let inspection = try ImageInspection(path: Fixtures.path("big.nii.gz"))
    #expect(inspection.format == "NIfTI-1" && inspection.encoding == "big-endian, gzip")
    #expect(inspection.type == .int16 && inspection.shape == [3, 4, 5])
    #expect(inspection.storedRange == [-30, 29] && inspection.valueRange == [-18, 11.5])
    #expect(inspection.pixelSHA256 == Fixtures.expected.nifti["big.nii.gz"]?.sha256)
    #expect(inspection.orientation == "RAS" || inspection.orientation == "LAS")
    let spacing = try #require(inspection.spacing)
    #expect(zip(spacing, [1.5, 2, 3.5]).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test func jsonRoundTrips() throws {
    let inspection = try ImageInspection(path: Fixtures.path("series"))
    let json = try JSONEncoder().encode(inspection)
    #expect(try JSONDecoder().decode(ImageInspection.self, from: json) == inspection)
  }

  @Test func textIsAlignedAndStatesThatGeometryIsMissing() throws {
    let text = try ImageInspection(path: Fixtures.path("colour.png")).text
    #expect(text.contains("Shape          24 × 32 × 3  (24 rows, 32 columns, 3 channels)"))
    #expect(text.contains("Geometry       not stated"))
  }

  @Test func inspectionOmitsThePatient() throws {
    let inspection = try ImageInspection(path: Fixtures.path("series"))
    #expect(inspection.text.contains("Rescale          × 2 + -1024"))
    #expect(!inspection.text.contains("Patient"))
  }
}
