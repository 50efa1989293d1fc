import FederatedCore
import Foundation
import StudyProtocol
import TestSupport
import Testing

@testable import SiteTraining

struct RecordDecoderTests {
  /// One record's files by element: the ending of the name, and the content; `nil` for a missing file.
  typealias Files = [String: (ending: String, content: Data?)]

  private static let patient = "p-4711"

  private func decode(_ study: Study, _ files: Files, codes: [String: String] = [:]) throws -> DecodedRecord {
    try withTemporaryFolder { folder in
      var record = Record(
        group: Self.patient, values: ["patient": .identifier(Self.patient)], place: "table.csv:2")
      for (element, file) in files {
        let url = folder.appending(path: "\(Self.patient)-\(element).\(file.ending)")
        try file.content?.write(to: url)
        record.values[element] = .file(url.path)
      }
      let site = SmallImages.site("north", maskCodes: codes)
      return try RecordDecoder(study: study).decode(record, at: site)
    }
  }

  private static func nifti(_ voxels: [Float], _ size: [Int], spacing: [Float] = [1, 1, 1])
    -> (ending: String, content: Data?)
  {
    ("nii", ImageFiles.nifti(voxels, size: size, spacing: spacing))
  }

  private static func numbers(_ range: Range<Int>) -> [Float] { range.map { Float($0) } }

  /// The positions of an axis's slices in a volume of 2 × 2 × 3 voxels, numbered in the order of the file.
  @Test(
    arguments: [
      ("z", [1, 2, 2], 3, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], [3, 0.75, 0.5]),
      ("y", [1, 3, 2], 2, [0, 1, 4, 5, 8, 9, 2, 3, 6, 7, 10, 11], [0.75, 3, 0.5]),
      ("x", [1, 3, 2], 2, [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11], [0.5, 3, 0.75]),
    ] as [(String, [Int], Int, [Float], [Double])])
  func slicesAreExamples(axis: String, shape: [Int], count: Int, order: [Float], spacing: [Double]) throws {
    let study = try SmallImages.study(
      preprocessing: "slices: {axis: \(axis)}", classes: "{0: background, 1: oedema, 2: core}")
    // The site's code for oedema is 10, and for the core 20.
    let codes: [Float] = [0, 10, 20, 0, 0, 0, 10, 10, 20, 20, 0, 10]
    let classes: [UInt8] = [0, 1, 2, 0, 0, 0, 1, 1, 2, 2, 0, 1]
    let found = try decode(
      study,
      [
        "image": Self.nifti(Self.numbers(0..<12), [2, 2, 3], spacing: [0.5, 0.75, 3]),
        "lesion": Self.nifti(codes, [2, 2, 3], spacing: [0.5, 0.75, 3]),
      ], codes: ["10": "1", "20": "2"])
    #expect(found.shape == shape && found.exampleCount == count && found.spacing == spacing)
    #expect(found.image == order)
    #expect(found.mask == order.map { classes[Int($0)] })
    let length = 12 / count
    #expect(Array(found.image(of: 1)) == Array(order[length..<(2 * length)]))
    #expect(Array(found.mask(of: 1)) == Array(found.mask[length..<(2 * length)]))
  }

  @Test func aVolumeIsOneExampleWithoutSlices() throws {
    let study = try SmallImages.study(dimensions: 3)
    let file = Self.nifti(Self.numbers(0..<12), [2, 2, 3], spacing: [0.5, 0.75, 3])
    let found = try decode(
      study,
      [
        "image": file,
        "lesion": Self.nifti([Float](repeating: 1, count: 12), [2, 2, 3], spacing: [0.5, 0.75, 3]),
      ])
    #expect(found.shape == [1, 3, 2, 2] && found.exampleCount == 1 && found.spacing == [3, 0.75, 0.5])
    #expect(found.image == Self.numbers(0..<12) && found.mask == [UInt8](repeating: 1, count: 12))
    #expect(found.byteCount == 4 * 12 + 12)
  }

  /// Slice by slice, each with all its channels.
  @Test func imagesAreTheChannelsOfASlice() throws {
    let study = try SmallImages.study(inputs: ["image", "second"], preprocessing: "slices: {axis: z}")
    let empty = [Float](repeating: 0, count: 8)
    let found = try decode(
      study,
      [
        "image": Self.nifti(Self.numbers(0..<8), [2, 2, 2]),
        "second": Self.nifti(Self.numbers(20..<28), [2, 2, 2]), "lesion": Self.nifti(empty, [2, 2, 2]),
      ])
    #expect(found.shape == [2, 2, 2] && found.exampleCount == 2)
    #expect(found.image == [0, 1, 2, 3, 20, 21, 22, 23, 4, 5, 6, 7, 24, 25, 26, 27])
  }

  /// Three columns and two rows become two columns and four rows. The padding has the image's lowest value.
  @Test func croppedAndPaddedAboutTheMiddle() throws {
    let study = try SmallImages.study(preprocessing: "crop-or-pad: {size: [2, 4]}")
    let found = try decode(
      study,
      ["image": Self.nifti([1, 2, 3, 4, 5, 6], [3, 2]), "lesion": Self.nifti([0, 1, 1, 1, 0, 1], [3, 2])])
    #expect(found.shape == [1, 4, 2])
    #expect(found.image == [1, 1, 1, 2, 4, 5, 1, 1])
    #expect(found.mask == [0, 0, 0, 1, 1, 0, 0, 0])
  }

  /// Mean 5/2 and variance 5/4, so the ends lie at ±3/√5; without the zeros, mean 3 and variance 1.
  @Test(
    arguments: [
      (
        "{method: z-score, per: volume}", [1, 2, 3, 4],
        [-1.341_640_786_5, -0.447_213_595_5, 0.447_213_595_5, 1.341_640_786_5]
      ),
      ("{method: z-score, per: volume, nonzero: true}", [0, 2, 4, 0], [0, -1, 1, 0]),
    ] as [(String, [Float], [Double])])
  func intensitiesAreStandardised(step: String, voxels: [Float], expected: [Double]) throws {
    let study = try SmallImages.study(preprocessing: "normalise: \(step)")
    let found = try decode(
      study, ["image": Self.nifti(voxels, [2, 2]), "lesion": Self.nifti([0, 0, 1, 1], [2, 2])])
    #expect(found.image.count == 4)
    for (value, wanted) in zip(found.image, expected) { #expect(abs(Double(value) - wanted) < 1e-6) }
    #expect(found.mask == [0, 0, 1, 1])
  }

  /// The percentiles are NumPy's: 0.3 and 7.6 of all four numbers, 1.2 and 8.4 without the zero.
  @Test(
    arguments: [
      ("clip: {range: [0.5, 5]}", [0.5, 1, 2, 5]), ("clip: {percentiles: [10, 90]}", [0.3, 1, 2, 7.6]),
      ("clip: {percentiles: [10, 90], per: slice}", [0.3, 1, 2, 7.6]),
      ("clip: {percentiles: [10, 90], nonzero: true}", [0, 1.2, 2, 8.4]),
      (
        "clip: {range: [0, 2]}}, {normalise: {method: z-score}",
        [-1.507_556_7, -0.301_511_3, 0.904_534, 0.904_534]
      ),
      ("normalise: {method: percentile, lower: 10, upper: 90, nonzero: true}", [0, 0, 1.0 / 9, 1]),
    ] as [(String, [Double])])
  func intensitiesAreClipped(step: String, expected: [Double]) throws {
    let study = try SmallImages.study(preprocessing: "{\(step)}")
    let found = try decode(
      study, ["image": Self.nifti([0, 1, 2, 10], [2, 2]), "lesion": Self.nifti([0, 0, 1, 1], [2, 2])])
    for (value, wanted) in zip(found.image, expected) { #expect(abs(Double(value) - wanted) < 1e-6) }
  }

  /// The content decides the format, not the name.
  @Test func pictureWithAWrongNameIsReadByItsContent() throws {
    let picture = try ImageFiles.png(233, side: 2)
    let found = try decode(
      SmallImages.study(),
      ["image": ("nii", picture), "lesion": Self.nifti([0, 1, 0, 0], [2, 2])])
    #expect(found.shape == [1, 2, 2] && found.image == [233, 233, 233, 233])
  }

  /// A fault due to an unsuitable step names the record, since the step applies to all its files.
  @Test func aStepThatDoesNotSuitTheImageIsAFault() throws {
    let study = try SmallImages.study(preprocessing: "reorient: {to: RAS}, slices: {axis: z}")
    let files: Files = [
      "image": Self.nifti([1, 2, 3, 4], [2, 2]), "lesion": Self.nifti([0, 0, 1, 1], [2, 2]),
    ]
    let fault = try #require(throws: ImageFault.self) { try decode(study, files) }
    #expect(fault.rule == .preprocessing && fault.element == nil && fault.place == "table.csv:2")
    #expect(fault.message.contains("cannot be reoriented to RAS"))
  }
}
