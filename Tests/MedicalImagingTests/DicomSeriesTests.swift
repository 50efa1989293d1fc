import Foundation
import Testing

@testable import MedicalImaging

struct DicomSeriesTests {
  @Test func slicesAreSortedByWhereTheyLie() throws {
    let expected = Fixtures.expected.series
    let volume = try Volume.read(Fixtures.path("series"))
    #expect(volume.shape == expected.shape && volume.axes == [.slice, .row, .column])
    #expect(volume.voxels.sha256 == expected.sha256)
    #expect(volume.slope == 2 && volume.intercept == -1024)
    #expect(greatestDifference(volume.geometry.spacing, expected.spacing) < 1e-5)
    #expect(greatestDifference(volume.geometry.origin, expected.origin) < 1e-5)
    #expect(greatestDifference(volume.geometry.direction.x, expected.x) < 1e-6)
    #expect(greatestDifference(volume.geometry.direction.y, expected.y) < 1e-6)
    #expect(greatestDifference(volume.geometry.direction.z, expected.z) < 1e-6)
  }

  @Test func aMissingSliceIsRefused() throws {
    let error = #expect(throws: ImageError.self) {
      try DicomSeries.read(paths: ["c", "a", "b"].map { Fixtures.path("series/" + $0) })
    }
    #expect(error?.code == .inconsistent)
    #expect(error?.message.contains("slices are missing") == true)
  }

  @Test func theSameSliceTwiceIsRefused() throws {
    let error = #expect(throws: ImageError.self) {
      try DicomSeries.read(paths: ["c", "a", "a", "d", "b"].map { Fixtures.path("series/" + $0) })
    }
    #expect(error?.message.contains("lies at the same position as") == true)
  }

  @Test func twoSeriesInOneFolderAreRefused() throws {
    let error = #expect(throws: ImageError.self) {
      try Fixtures.withTemporaryFolder { folder in
        for name in ["a", "b", "c", "d"] {
          var bytes = try Fixtures.bytes("series/" + name)
          if name == "d" {
            // Another last digit of the Series Instance UID (0020,000E).
            let tag = try #require(bytes.firstRange(of: [0x20, 0x00, 0x0E, 0x00])).lowerBound
            bytes[tag + 20] ^= 1
          }
          try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + name))
        }
        return try Volume.read(folder)
      }
    }
    #expect(error?.message.contains("is not of the same series") == true)
  }

  @Test func filesOfOtherKindsInTheFolderAreLeftAside() throws {
    try Fixtures.withTemporaryFolder { folder in
      for name in ["a", "b", "c", "d"] {
        try FileManager.default.copyItem(atPath: Fixtures.path("series/" + name), toPath: folder + "/" + name)
      }
      try Data("notes".utf8).write(to: URL(fileURLWithPath: folder + "/notes.txt"))
      #expect(try Volume.read(folder).shape == Fixtures.expected.series.shape)
    }
  }
}
