import FederatedCore
import Foundation
import MedicalImaging
import StudyProtocol
import TestSupport
import Testing

@testable import SiteTraining

/// Unusable files cause a fault that names file and element, but nothing about the patient.
struct ImageFaultTests {
  /// One flaw in the files of a record: image and mask of 8 × 8 pixels.
  enum Flaw: String, CaseIterable, Sendable {
    case missing, empty, cutVolume, cutPicture, text, colour, notANumber, missingMask, otherSize
    case foreignCode, fraction, negative, beyondIntegers, maskIsNotANumber, secondOtherSize
  }

  /// The expected fault: its element, its rule and words of its message.
  private static let expected: [Flaw: (element: String, rule: ImageFault.Rule, words: String)] = [
    .missing: ("image", .file, "No such file"),
    .empty: ("image", .file, "is empty (0 bytes)"),
    .cutVolume: ("image", .file, "the compressed data end early"),
    .cutPicture: ("image", .file, "the file ends early"),
    .text: ("image", .file, "the content is text"),
    .colour: ("image", .channels, "3 channels; expected 1"),
    .notANumber: ("image", .values, "not numbers"),
    .missingMask: ("lesion", .file, "No such file"),
    .otherSize: ("lesion", .size, "its size 4×8 differs from the image's, 8×8"),
    .foreignCode: ("lesion", .code, "not permitted; permitted are 0, 1"),
    .fraction: ("lesion", .code, "not permitted"),
    .negative: ("lesion", .code, "elements.lesion.values"),
    .beyondIntegers: ("lesion", .code, "not permitted"),
    .maskIsNotANumber: ("lesion", .values, "not numbers"),
    .secondOtherSize: ("second", .size, "its size 8×4 differs from the first image's, 8×8"),
  ]

  private static let patient = "p-4711"
  /// Text that no message may contain: the patient's identifier and voxel values.
  private static let secrets = ["4711", "7351", "233", "0.7351", "e+30", "nan"]

  private static func constant(_ value: Float, columns: Int = 8, rows: Int = 8) -> Data {
    ImageFiles.nifti([Float](repeating: value, count: columns * rows), size: [columns, rows])
  }

  /// The files of a record with the flaw, by element; `nil` for a missing file.
  private static func files(_ flaw: Flaw) throws -> [String: Data?] {
    var files: [String: Data?] = ["image": constant(7351), "lesion": constant(0), "second": constant(7351)]
    func put(_ content: Data?, as element: String) { files.updateValue(content, forKey: element) }
    switch flaw {
    case .missing: put(nil, as: "image")
    case .empty: put(Data(), as: "image")
    case .cutVolume: put(ImageFiles.gzip(constant(7351)).dropLast(100), as: "image")
    case .cutPicture: put(try ImageFiles.png(233, side: 8).dropLast(20), as: "image")
    case .text: put(Data("patient,age\n4711,60\n".utf8), as: "image")
    case .colour:
      // The channels must differ; equal channels would be read as grey.
      let pixels = (0..<192).map { UInt8(233 + $0 % 3) }
      put(Data(try PNGWriter.encode(pixels, rows: 8, columns: 8, channels: 3)), as: "image")
    case .notANumber:
      let voxels = [Float](repeating: 7351, count: 63) + [Float.nan]
      put(ImageFiles.nifti(voxels, size: [8, 8]), as: "image")
    case .missingMask: put(nil, as: "lesion")
    case .otherSize: put(constant(0, columns: 4), as: "lesion")
    case .foreignCode: put(constant(7351), as: "lesion")
    case .fraction: put(constant(0.7351), as: "lesion")
    case .negative: put(constant(-7351), as: "lesion")
    case .beyondIntegers: put(constant(1e30), as: "lesion")
    case .maskIsNotANumber: put(constant(.nan), as: "lesion")
    case .secondOtherSize: put(constant(7351, rows: 4), as: "second")
    }
    return files
  }

  @Test(arguments: Flaw.allCases) func everyFlawIsReported(_ flaw: Flaw) throws {
    let study = try SmallImages.study(inputs: ["image", "second"])
    let expected = try #require(Self.expected[flaw])
    try withTemporaryFolder { folder in
      var record = Record(
        group: Self.patient, values: ["patient": .identifier(Self.patient)], place: "table.csv:2")
      for (element, content) in try Self.files(flaw) {
        let url = folder.appending(path: "\(Self.patient)-\(element).nii.gz")
        try content?.write(to: url)
        record.values[element] = .file(url.path)
      }
      let fault = try #require(throws: ImageFault.self) {
        try RecordDecoder(study: study).decode(record, at: SmallImages.site("north"))
      }
      #expect(fault.rule == expected.rule && fault.element == expected.element)
      #expect(fault.message.contains(expected.words), "\(fault.message)")
      #expect(record[expected.element] == .file(fault.place))
      for secret in Self.secrets + [folder.path] {
        #expect(!fault.message.contains(secret), "\(fault.message)")
      }
    }
  }

  /// The same files without a flaw, which proves that each flaw is the only one.
  @Test func withoutAFlawThereIsNoFault() throws {
    try withTemporaryFolder { folder in
      var record = Record(group: Self.patient, values: [:], place: "table.csv:2")
      for (element, value) in ["image": Float(7351), "lesion": 0, "second": 7351] {
        let url = folder.appending(path: "\(element).nii.gz")
        try ImageFiles.gzip(Self.constant(value)).write(to: url)
        record.values[element] = .file(url.path)
      }
      let found = try RecordDecoder(study: SmallImages.study(inputs: ["image", "second"]))
        .decode(record, at: SmallImages.site("north"))
      #expect(found.shape == [2, 8, 8] && found.image == [Float](repeating: 7351, count: 128))
    }
  }

  @Test func aRecordWithoutAFileIsAFaultOfItsLine() throws {
    let record = Record(group: Self.patient, values: ["image": .missing], place: "table.csv:2")
    let decoder = try RecordDecoder(study: SmallImages.study())
    let fault = try #require(throws: ImageFault.self) {
      try decoder.decode(record, at: SmallImages.site("north"))
    }
    #expect(fault.rule == .file && fault.element == "image" && fault.place == "table.csv:2")
  }

  /// A folder of broken files would otherwise fill the terminal.
  @Test func faultsThatDifferPerFileAreJoined() {
    var log = ImageFaultLog(dataRoot: "/data")
    for number in 0..<60 {
      let record = Record(group: "p", values: [:], place: "table.csv:\(number)")
      log.add(ImageFault(.file, "ends after \(number % 20) bytes", in: record), site: SiteID("north"))
    }
    let found = log.findings
    #expect(found.map(\.records) == [3, 3, 3, 51])
    #expect(found.last?.message == "17 more faults of this kind, such as: ends after 3 bytes")
    #expect(found.last?.places.count == 5)
  }
}
