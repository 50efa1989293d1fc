import Foundation
import Testing

@testable import MedicalImaging

struct DicomSeriesTests {
  @Test func slicesAreSortedByPosition() throws {
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
    #expect(error?.message.contains("a slice is missing between them") == true)
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
            // Change the last digit of the Series Instance UID (0020,000E).
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

  /// Writes the slices of a small volume, each changed by `more`, and reads the folder.
  private func read(_ count: Int, _ more: (Int, inout DicomBuilder) -> Void) throws -> Volume {
    try Fixtures.withTemporaryFolder { folder in
      for index in 0..<count {
        var builder = DicomBuilder()
        more(index, &builder)
        builder.text(.imageOrientation, "DS", "1\\0\\0\\0\\1\\0")
        builder.describe(rows: 1, columns: 2)
        builder.element(.pixelData, "OB", [UInt8(index), 7])
        try Data(builder.file()).write(to: URL(fileURLWithPath: folder + "/\(index).dcm"))
      }
      return try Volume.read(folder)
    }
  }

  private func refusal(_ count: Int, _ more: (Int, inout DicomBuilder) -> Void) -> String {
    let error = #expect(throws: ImageError.self) { try read(count, more) }
    return error?.message ?? ""
  }

  private static func place(_ builder: inout DicomBuilder, _ z: Double, x: Double = 0) {
    builder.text(.imagePosition, "DS", "\(x)\\0\\\(z)")
  }

  @Test(
    arguments: [
      (.patient, "LO", "not of the same patient"), (.seriesInstance, "UI", "not of the same series"),
      (.modality, "CS", "not of the same modality"),
      (.frameOfReference, "UI", "not of the same frame of reference"),
      (.echoTime, "DS", "not have the same echo time"),
      (.kernel, "SH", "not have the same convolution kernel"),
    ] as [(DicomTag, String, String)])
  func errorNamesTheOddFileAndItsDifference(_ tag: DicomTag, _ vr: String, _ difference: String) {
    let message = refusal(5) { index, builder in
      builder.text(tag, vr, index == 2 ? "17.25" : "4")
      Self.place(&builder, Double(index))
    }
    #expect(message.contains("/2.dcm: ") && message.contains(difference), "\(message)")
    #expect(!message.contains("17.25"))
  }

  @Test func errorNamesTimePoints() {
    let message = refusal(6) { index, builder in
      builder.text(.temporalPosition, "IS", "\(index / 3)")
      Self.place(&builder, Double(index % 3))
    }
    #expect(message.contains("2 images at 3 of 3 positions; they differ in temporal position"), "\(message)")
  }

  @Test func aTiltedGantryIsReadAlongItsSlices() throws {
    let volume = try read(4) { index, builder in Self.place(&builder, Double(index), x: 0.2 * Double(index)) }
    #expect(abs(volume.geometry.spacing.z - 1.0198039) < 1e-6)
    #expect(abs(volume.geometry.direction.z.x - 0.1961161) < 1e-6)
  }

  @Test func slicesThatAdvanceSidewaysAreRefused() {
    let message = refusal(4) { index, builder in Self.place(&builder, Double(index), x: 2 * Double(index)) }
    #expect(message.contains("further to the side"), "\(message)")
  }

  @Test func varyingDistancesAreRefused() {
    let depths = [0.0, 1, 2, 3, 4.4, 5.8]
    let message = refusal(6) { index, builder in Self.place(&builder, depths[index]) }
    #expect(message.contains("4.dcm: lies 1.4 mm from") && message.contains("distances vary"), "\(message)")
  }

  /// Each step is within the tolerance of its neighbours, but the last slices are off the even line by a
  /// whole slice.
  @Test func driftingDistancesAreRefused() {
    let message = refusal(60) { index, builder in
      Self.place(&builder, index < 30 ? Double(index) : 29 + 1.04 * Double(index - 29))
    }
    #expect(message.contains("29.dcm: lies 0.59 mm from its place"), "\(message)")
  }

  @Test func roundedPositionsAreEvenEnough() throws {
    let volume = try read(60) { index, builder in
      Self.place(&builder, (Double(index) * 0.625 * 100).rounded() / 100)
    }
    #expect(abs(volume.geometry.spacing.z - 0.625) < 1e-3)
  }

  @Test func sliceWithLostContentIsRefused() throws {
    let error = #expect(throws: ImageError.self) {
      try Fixtures.withTemporaryFolder { folder in
        for name in ["a", "b", "c", "d"] {
          try FileManager.default.copyItem(
            atPath: Fixtures.path("series/" + name), toPath: folder + "/" + name)
        }
        try Data(repeating: 0, count: 4096).write(to: URL(fileURLWithPath: folder + "/e.dcm"))
        return try Volume.read(folder)
      }
    }
    #expect(error?.message.contains("e.dcm: is named as a DICOM file") == true)
  }
}
