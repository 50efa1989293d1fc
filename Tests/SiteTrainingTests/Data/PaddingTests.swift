import Foundation
import MedicalImaging
import StudyProtocol
import TestSupport
import Testing

@testable import SiteTraining

/// Pixels that a DICOM file states to be padding, as training sees them.
struct PaddingTests {
  /// A file of one row of signed 16-bit pixels whose padding value is -2000.
  private func file(_ pixels: [Int16], in folder: URL) throws -> String {
    func element(_ group: UInt16, _ number: UInt16, _ vr: String, _ value: [UInt8]) -> [UInt8] {
      let long = vr == "OW"
      let length = long ? [0, 0] + bytes(UInt32(value.count)) : bytes(UInt16(value.count))
      return bytes(group) + bytes(number) + Array(vr.utf8) + length + value
    }
    func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
      withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
    func number(_ tag: UInt16, _ value: UInt16) -> [UInt8] { element(0x28, tag, "US", bytes(value)) }
    let syntax = element(2, 0x10, "UI", Array("1.2.840.10008.1.2.1\0".utf8))
    let description = number(2, 1) + element(0x28, 4, "CS", Array("MONOCHROME2 ".utf8)) + number(0x10, 1)
    let size = number(0x11, UInt16(pixels.count)) + number(0x100, 16) + number(0x101, 16) + number(0x102, 15)
    let padding = number(0x103, 1) + element(0x28, 0x120, "SS", bytes(Int16(-2000)))
    let data = element(0x7FE0, 0x10, "OW", pixels.flatMap { bytes($0) })
    let head = [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + syntax
    let place = folder.appending(path: "slice.dcm")
    try Data(head + description + size + padding + data).write(to: place)
    return place.path
  }

  private func read(
    _ pixels: [Int16], study: Double? = nil, site: Double? = nil
  ) throws -> (values: [Float], notes: [ImageFault]) {
    try withTemporaryFolder { folder in
      let element = CommonDataElement(
        name: "image", kind: .image, role: .input, dimensions: 2, channels: 1, missingVoxels: study)
      let mapping = ElementMapping(source: .file("slice.dcm"), missingVoxels: site)
      let record = Record(
        group: "1", values: ["image": .file(try file(pixels, in: folder))], place: "t.csv:2")
      var notes: [ImageFault] = []
      let found = try ElementReader(element: element, mapping: mapping).image(of: record, notes: &notes)
      return (found.image.values, notes)
    }
  }

  @Test func paddingTakesTheLowestMeasuredValueWithAWarning() throws {
    let found = try read([-2000, -1000, 40, -2000])
    #expect(found.values == [-1000, -1000, 40, -1000])
    #expect(found.notes.map(\.severity) == [.warning])
    #expect(found.notes.first?.message.contains("padding (0028,0120) are not measurements") == true)
    #expect(found.notes.first?.place.hasSuffix("slice.dcm") == true)
  }

  @Test func declaredValueOfMissingVoxelsGoesFirst() throws {
    let study = try read([-2000, -1000], study: -1024)
    let site = try read([-2000, -1000], study: -1024, site: 7)
    #expect(study.values == [-1024, -1000] && study.notes.isEmpty)
    #expect(site.values == [7, -1000] && site.notes.isEmpty)
  }

  @Test func imageWithoutPaddedPixelsHasNoWarning() throws {
    let found = try read([-1000, 40])
    #expect(found.values == [-1000, 40] && found.notes.isEmpty)
  }

  @Test func imageOfNothingButPaddingIsRefused() throws {
    let fault = #expect(throws: ImageFault.self) { try read([-2000, -2000]) }
    #expect(fault?.message.contains("all of its pixels are padding") == true)
  }
}
