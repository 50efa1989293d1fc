import FederatedCore
import Foundation
import StudyProtocol
import TestSupport
import Testing

@testable import SiteTraining

/// DICOM files of one record that state different patients, series or frames of reference.
struct TiedFilesFieldTests {
  private static var data: URL {
    get throws { try FieldCase.root.appending(path: "mask-grid/dicom_seg/data") }
  }

  private func decode(_ image: String, _ mask: URL) throws -> DecodedRecord {
    let study = try FieldCase("mask-grid/dicom_seg").study
    let record = Record(
      group: "P01",
      values: [
        "patient": .identifier("P01"), "image": .file(try Self.data.appending(path: image).path),
        "lesion": .file(mask.path),
      ], place: "list.csv:2")
    return try RecordDecoder(study: study).decode(record, at: SmallImages.site("alpha"))
  }

  /// Both patients were scanned with the same protocol, so their grids agree.
  @Test func segmentationOfAnotherPatientIsRefused() throws {
    let other = try Self.data.appending(path: "P02/seg_fwd.dcm")
    let fault = #expect(throws: ImageFault.self) { try decode("P01/ct", other) }
    #expect(fault?.rule == .patient && fault?.element == "lesion" && fault?.place == other.path)
    #expect(fault?.values == ["P02", "P01"] && fault?.message.contains("P02") == false)
  }

  /// The same files with one identifier for all patients: only the UIDs differ.
  @Test(arguments: ["seg_fwd", "seg_sparse"])
  func segmentationOfAnotherSeriesIsRefused(_ name: String) throws {
    try withTemporaryFolder { folder in
      var bytes = [UInt8](try Data(contentsOf: Self.data.appending(path: "P02/\(name).dcm")))
      // Patient ID (0010,0020), LO of 4 bytes.
      let tag = try #require(bytes.firstRange(of: [0x10, 0x00, 0x20, 0x00] + Array("LO".utf8)))
      bytes.replaceSubrange(tag.upperBound + 2..<tag.upperBound + 5, with: "P01".utf8)
      let copy = folder.appending(path: "copy.dcm")
      try Data(bytes).write(to: copy)
      let fault = #expect(throws: ImageFault.self) { try decode("P01/ct", copy) }
      #expect(fault?.message.contains("names other images than the record's as its source") == true)
    }
  }

  @Test func examinationDaysAreShownOnlyOnTheSitesTerminal() throws {
    let field = try FieldCase("mask-grid/dicom_seg")
    let site = try #require(field.sites.first).name.rawValue
    let shown = try #require(try field.load(site, showsValues: true, showsFacts: true).facts)
    #expect(
      shown.elements.first { $0.name == "image" }?.dates == .init(first: "2020-01-01", last: "2020-01-01"))
    #expect(shown.elements.first { $0.name == "lesion" }?.dates == nil)
    let hidden = try #require(try field.load(site, showsFacts: true).facts)
    #expect(hidden.elements.allSatisfy { $0.dates == nil })
    #expect(hidden.elements.filter(\.hidesDates).map(\.name) == ["image"])
  }
}
