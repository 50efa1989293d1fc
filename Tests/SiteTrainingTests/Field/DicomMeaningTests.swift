import FederatedCore
import Foundation
import StudyProtocol
import TestSupport
import Testing

@testable import SiteTraining

/// DICOM files whose stored values must be converted, for example because they are inverted.
struct DicomMeaningTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "../Fixtures/Field").standardizedFileURL

  private func study(_ name: String) throws -> Study {
    let file = Self.folder.appending(path: name + "/study.yaml")
    return try Study(yaml: String(contentsOf: file, encoding: .utf8))
  }

  private func decode(_ study: Study, _ files: [String: URL]) throws -> DecodedRecord {
    var record = Record(group: "P", values: ["patient": .identifier("P")], place: "list.csv:2")
    for (element, file) in files { record.values[element] = .file(file.path) }
    return try RecordDecoder(study: study).decode(record, at: SmallImages.site("alpha"))
  }

  private func refusal(_ study: Study, _ files: [String: URL]) -> ImageFault? {
    #expect(throws: ImageFault.self) { try decode(study, files) }
  }

  /// The same picture stored both ways yields the same values, and so the same model.
  @Test func monochrome1IsSeenAsTheSamePictureInMonochrome2() throws {
    let study = try study("photometric/monochrome")
    for number in ["00", "01", "07"] {
      let file = Self.folder.appending(path: "photometric/monochrome/data/img/alpha\(number).dcm")
      try withTemporaryFolder { folder in
        var bytes = [UInt8](try Data(contentsOf: file))
        let name = try #require(bytes.firstRange(of: Array("MONOCHROME2".utf8)))
        bytes[name.upperBound - 1] = UInt8(ascii: "1")
        for index in (bytes.count - 24 * 24 * 2)..<bytes.count {
          bytes[index] ^= index.isMultiple(of: 2) == (bytes.count.isMultiple(of: 2)) ? 0xFF : 0x0F
        }
        let turned = folder.appending(path: "turned.dcm")
        try Data(bytes).write(to: turned)
        #expect(try decode(study, ["image": turned]).image == decode(study, ["image": file]).image)
      }
    }
  }

  /// Disease is a bright spot in the middle at both sites.
  @Test(arguments: ["alpha", "beta"])
  func theSpotIsBrightAtBothSites(_ site: String) throws {
    let study = try study("photometric/monochrome")
    for number in 0..<6 {
      let file = Self.folder.appending(path: "photometric/monochrome/data/img/\(site)0\(number).dcm")
      let image = try decode(study, ["image": file]).image
      #expect((image[12 * 24 + 12] > 0) == (number % 2 == 1), "\(site)0\(number)")
    }
  }

  /// Disease is red in the middle: more red than green at both sites, however colours are stored.
  @Test(arguments: ["alpha", "beta"])
  func redIsRedAtBothSites(_ site: String) throws {
    let study = try study("photometric/colour")
    for number in 0..<6 {
      let file = Self.folder.appending(path: "photometric/colour/data/img/\(site)0\(number).dcm")
      let image = try decode(study, ["image": file]).image
      let (red, blue) = (image[12 * 24 + 12], image[2 * 576 + 12 * 24 + 12])
      #expect((red > blue) == (number % 2 == 1), "\(site)0\(number)")
    }
  }

  @Test func greysOfAPaletteSuitOneChannelAndColoursDoNot() throws {
    let study = try study("photometric/palette")
    let grey = Self.folder.appending(path: "photometric/palette/data/img/P000.dcm")
    #expect(try decode(study, ["image": grey]).shape.first == 1)
    let colour = Self.folder.appending(path: "photometric/palette_file/palette.dcm")
    let fault = refusal(study, ["image": colour])
    #expect(fault?.rule == .channels && fault?.message.contains("3 channels; expected 1") == true)
  }

  @Test(arguments: ["seg_fwd", "seg_rev", "seg_sparse"])
  func aSegmentationIsTheMaskOfTheControl(_ name: String) throws {
    let study = try study("mask-grid/dicom_seg")
    let control = try self.study("mask-grid/good")
    for patient in ["P01", "P05"] {
      let data = Self.folder.appending(path: "mask-grid/dicom_seg/data/\(patient)")
      let found = try decode(
        study, ["image": data.appending(path: "ct"), "lesion": data.appending(path: name + ".dcm")])
      let good = Self.folder.appending(path: "mask-grid/good/data")
      let expected = try decode(
        control,
        [
          "image": good.appending(path: "\(patient)_img.nii.gz"),
          "lesion": good.appending(path: "\(patient)_seg.nii.gz"),
        ])
      #expect(found.mask == expected.mask && found.mask.contains(1) && found.exampleCount == 6)
    }
  }
}
