import Foundation
import Testing

@testable import Phantom

struct NIfTIFileTests {
  /// Fixtures/make.py wrote the expected files with nibabel.
  @Test func writesWhatNibabelWrites() throws {
    let size = SIMD3(4, 3, 2)
    let image = NIfTIFile(
      (0..<24).map(Int16.init), size: size, grid: (origin: [-2.25, -2, 10], step: [1.5, 2, 5.5]))
    #expect(image.data == (try fixture("int16.nii")))
    let mask = NIfTIFile(
      (0..<24).map(UInt8.init), size: size, grid: (origin: [2.25, -2, 10], step: [-1.5, 2, 5.5]))
    #expect(mask.data == (try fixture("uint8-radiological.nii")))
  }

  private func fixture(_ name: String) throws -> Data {
    let folder = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
    return try Data(contentsOf: folder.appending(path: name))
  }
}
