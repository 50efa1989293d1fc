import Foundation
import Testing

@testable import MedicalImaging

/// Compares what we read from the DICOM collection with the expected values, which come from pydicom.
@Suite(.enabled(if: ConformanceData.dicom != nil))
struct DicomConformanceTests {
  /// JPEG baseline and extended, JPEG-LS near-lossless, JPEG 2000 irreversible: decoders may differ by two
  /// grey levels.
  private static let lossy: Set<String> = [
    "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.81", "1.2.840.10008.1.2.4.91",
  ]

  @Test func everyLosslessImageHasTheStatedPixels() throws {
    let data = try #require(ConformanceData.dicom)
    var checked = 0
    for row in data.rows where row["pixels"] == "ok" && !Self.lossy.contains(row["transfer_syntax"]!) {
      let file = row["file"]!
      do {
        let volume = try Volume.read(data.path(row))
        #expect(volume.voxels.sha256 == row["pixel_sha256"], "\(file)")
        checkHeader(volume, row)
        checked += 1
      } catch {
        Issue.record("\(file): \(error)")
      }
    }
    #expect(checked >= 90)
  }

  @Test func everyLossyImageAgreesWithinTwoGreyLevels() throws {
    let data = try #require(ConformanceData.dicom)
    for row in data.rows where row["pixels"] == "ok" && Self.lossy.contains(row["transfer_syntax"]!) {
      let file = row["file"]!
      do {
        let volume = try Volume.read(data.path(row))
        checkHeader(volume, row)
        #expect(volume.source.isLossy)
        let range = try #require(volume.voxels.range)
        #expect(abs(range.lowerBound - Double(row["pix_min"]!)!) <= 2, "\(file)")
        #expect(abs(range.upperBound - Double(row["pix_max"]!)!) <= 2, "\(file)")
        // GDCM decoded the reference if it could; 12-bit JPEG came from another decoder.
        if row["transfer_syntax"] != "1.2.840.10008.1.2.4.51" {
          #expect(volume.voxels.sha256 == row["pixel_sha256"], "\(file)")
        }
      } catch {
        Issue.record("\(file): \(error)")
      }
    }
  }

  @Test func everyOtherFileIsRefusedNamingFileAndProblem() throws {
    let data = try #require(ConformanceData.dicom)
    for row in data.rows where row["pixels"] != "ok" {
      let error = #expect(throws: ImageError.self, "\(row["file"]!)") { try Volume.read(data.path(row)) }
      #expect(error?.message.hasPrefix(data.path(row) + ": ") == true)
    }
  }

  private func checkHeader(_ volume: Volume, _ row: [String: String]) {
    let file = row["file"]!
    #expect(volume.shape == row["shape"]!.split(separator: "x").compactMap { Int($0) }, "\(file)")
    let types = [
      "u1": "uint8", "i1": "int8", "u2": "uint16", "i2": "int16", "u4": "uint32", "i4": "int32",
      "f4": "float32", "f8": "float64",
    ]
    #expect(volume.voxels.type.rawValue == types[String(row["dtype"]!.dropFirst())], "\(file)")
    #expect(volume.source.photometric == row["photometric"], "\(file)")
    #expect(volume.source.transferSyntax == row["transfer_syntax"], "\(file)")
    #expect(volume.source.modality ?? "" == row["modality"], "\(file)")
  }
}
