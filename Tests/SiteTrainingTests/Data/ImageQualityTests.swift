import FederatedCore
import MedicalImaging
import StudyProtocol
import Testing

@testable import SiteTraining

/// Comparisons between records.
struct ImageQualityTests {
  private static func entry(
    _ patient: String, pixels: UInt64, site: String = "north", part: DataPart = .training,
    mask: UInt64? = nil,
    classes: Set<Int> = [0, 1], orientation: String? = nil, file: String? = nil, maskFile: String? = nil,
    background: Double? = nil, stated: String? = nil
  ) -> ImageQuality.Entry {
    let record = Record(
      group: patient,
      values: [
        "image": .file("/data/\(file ?? patient).nii"),
        "lesion": .file("/data/\(maskFile ?? patient + "-mask").nii"),
      ], place: "table.csv:\(patient)")
    var traits = RecordTraits(
      pixels: pixels, mask: mask ?? pixels, classes: classes, orientation: orientation)
    traits.backgroundShare = background
    traits.patient = stated
    return .init(site: SiteID(site), record: record, part: part, traits: traits)
  }

  private func findings(_ entries: [ImageQuality.Entry], preprocessing: String = "") throws -> [DataFinding] {
    ImageQuality.findings(
      entries, study: try SmallImages.study(preprocessing: preprocessing), dataRoot: "/data")
  }

  @Test func differentScansAreNoFinding() throws {
    #expect(try findings([Self.entry("1", pixels: 1), Self.entry("2", pixels: 2)]).isEmpty)
  }

  @Test func sameScanOfTwoPatientsIsAWarning() throws {
    let found = try findings(
      [Self.entry("1", pixels: 7, mask: 1), Self.entry("2", pixels: 7, mask: 2), Self.entry("3", pixels: 3)])
    #expect(found.map(\.severity) == [.warning] && found.map(\.records) == [2])
    #expect(found[0].message.contains("belongs to several patients; remove"))
    #expect(found[0].places == ["1.nii", "2.nii"])
  }

  @Test func sameScanAcrossTheSplitIsReported() throws {
    let found = try findings(
      [Self.entry("1", pixels: 7, mask: 1), Self.entry("2", pixels: 7, part: .test, mask: 2)])
    #expect(found.first?.message.contains("in different parts of the split") == true)
  }

  @Test func sameScanAtTwoSitesIsReported() throws {
    let found = try findings(
      [Self.entry("1", pixels: 7), Self.entry("2", pixels: 7, site: "south", classes: [0, 1])])
    #expect(found.map(\.site) == [SiteID("north"), SiteID("south")])
    #expect(found.allSatisfy { $0.message.contains("several patients and sites") })
  }

  /// A patient's two visits may share a scan.
  @Test func sameScanOfOnePatientIsNoFinding() throws {
    #expect(
      try findings([
        Self.entry("1", pixels: 7), Self.entry("1", pixels: 7, file: "1b"), Self.entry("2", pixels: 2),
      ]).isEmpty)
  }

  @Test func copiesOfOneMaskAreAWarning() throws {
    let found = try findings([Self.entry("1", pixels: 1, mask: 5), Self.entry("2", pixels: 2, mask: 5)])
    #expect(
      found.map(\.element) == ["lesion"] && found[0].message.contains("all masks of the site are the same"))
  }

  @Test func oneImageForAllIsRefused() throws {
    let found = try findings(
      [Self.entry("1", pixels: 7, mask: 1, file: "a"), Self.entry("2", pixels: 7, mask: 2, file: "a")])
    let errors = found.filter { $0.severity == .error }
    #expect(errors.map(\.element) == ["image"])
    #expect(errors[0].records == 2 && errors[0].places == ["a.nii"])
    #expect(errors[0].message.contains("all records of the site have the same file"))
  }

  @Test func oneImageForSomeIsAWarning() throws {
    let found = try findings([
      Self.entry("1", pixels: 7, mask: 1, file: "a"), Self.entry("2", pixels: 7, mask: 2, file: "a"),
      Self.entry("3", pixels: 3),
    ])
    #expect(found.allSatisfy { $0.severity == .warning })
    #expect(found.contains { $0.message.contains("the same file belongs to several patients") })
  }

  @Test func mirroredVolumesAreAWarning() throws {
    let entries = (1...3).map {
      Self.entry("\($0)", pixels: UInt64($0), orientation: $0 == 2 ? "RPS" : "LPS")
    }
    let found = try findings(entries)
    #expect(found.map(\.records) == [1])
    #expect(found[0].message.contains("the axes run RPS, those of most volumes LPS"))
    #expect(found[0].message.contains("mirrored"))
    #expect(try findings(entries, preprocessing: "reorient: {to: RAS}, slices: {axis: z}").isEmpty)
  }

  /// All volumes of a site are sagittal; the volumes of another site may be axial.
  @Test(arguments: [("PSL", "z", "sagittal"), ("LSP", "z", "coronal"), ("PSL", "x", "coronal")])
  func slicesOfAnotherPlaneAreAWarning(_ code: String, _ axis: String, _ plane: String) throws {
    let entries = (1...3).map { Self.entry("\($0)", pixels: UInt64($0), orientation: code) }
    let found = try findings(entries, preprocessing: "slices: {axis: \(axis)}")
    #expect(found.map(\.records) == [3] && found.map(\.severity) == [.warning])
    #expect(found[0].message.contains("the axes run \(code)") && found[0].message.contains("cuts \(plane)"))
    #expect(try findings(entries, preprocessing: "reorient: {to: RAS}, slices: {axis: \(axis)}").isEmpty)
  }

  @Test(arguments: [("LPS", "z"), ("RAS", "z"), ("RAI", "x"), ("LAS", "y")])
  func slicesOfTheUsualPlaneAreNoFinding(_ code: String, _ axis: String) throws {
    let entries = (1...3).map { Self.entry("\($0)", pixels: UInt64($0), orientation: code) }
    #expect(try findings(entries, preprocessing: "slices: {axis: \(axis)}").isEmpty)
  }

  @Test func oneFileForImageAndMaskIsRefused() throws {
    let found = try findings([
      Self.entry("1", pixels: 1, maskFile: "1"), Self.entry("2", pixels: 2), Self.entry("3", pixels: 3),
    ])
    #expect(found.map(\.severity) == [.error] && found.map(\.element) == ["lesion"])
    #expect(found[0].message.contains("the same file as element 'image'") && found[0].places == ["1.nii"])
  }

  @Test func absentClassIsNamed() throws {
    let study = try SmallImages.study(classes: "{0: background, 1: oedema, 2: core}")
    let entries = (1...2).map { Self.entry("\($0)", pixels: UInt64($0)) }
    let found = ImageQuality.findings(entries, study: study, dataRoot: "/data")
    #expect(found.map(\.records) == [2])
    #expect(found[0].message.contains("no mask of the site holds the class 'core'"))
  }

  /// The digest depends on values, sizes and channels, and on nothing else.
  @Test(arguments: [
    ([0.05, 0.12], true), ([0.0, 0.0], true), ([0.05, 0.3], false), ([0.97, 0.99], false),
    ([nil, nil], false),
  ])
  func masksThatAreNearlyAllLesionAreAWarning(background: [Double?], isNamed: Bool) throws {
    let found = try findings(
      background.enumerated().map { index, share in
        Self.entry("\(index)", pixels: UInt64(index), background: share)
      })
    #expect(found.map(\.records) == (isNamed ? [2] : []))
    if isNamed { #expect(found[0].message.contains("the codes are not exchanged")) }
  }

  @Test func onePatientInTheFilesButTwoInTheTableIsAWarning() throws {
    let found = try findings([
      Self.entry("1", pixels: 1, stated: "A"), Self.entry("2", pixels: 2, stated: "A"),
      Self.entry("3", pixels: 3, stated: "B"), Self.entry("4", pixels: 4),
    ])
    #expect(found.map(\.severity) == [.warning] && found.map(\.records) == [2])
    #expect(found[0].message.contains("files of several patients state the same patient (0010,0020)"))
    #expect(found[0].places == ["1.nii", "2.nii"])
  }

  @Test func onePatientInTheTableButTwoInTheFilesIsAWarning() throws {
    let found = try findings([
      Self.entry("1", pixels: 1, file: "a", stated: "A"), Self.entry("1", pixels: 2, file: "b", stated: "B"),
    ])
    #expect(found.map(\.records) == [2] && found[0].message.contains("state several patients"))
  }

  @Test func placeholderInAllFilesIsNoFinding() throws {
    #expect(
      try findings([Self.entry("1", pixels: 1, stated: "ANON"), Self.entry("2", pixels: 2, stated: "ANON")])
        .isEmpty)
  }

  @Test func shareOfTheBackgroundIsCounted() {
    let image = FloatImage(values: [1, 2, 3, 4], size: [2, 2])
    #expect(
      RecordTraits(image, mask: FloatImage(values: [0, 1, 1, 2], size: [2, 2])).backgroundShare == 0.25)
    #expect(RecordTraits(image, mask: nil).backgroundShare == nil)
  }

  @Test func digestDistinguishesScans() {
    func digest(_ values: [Float], _ size: [Int]) -> UInt64 {
      RecordTraits(.init(values: values, size: size), mask: nil).pixels
    }
    #expect(digest([1, 2, 3, 4, 5, 6], [2, 3]) == digest([1, 2, 3, 4, 5, 6], [2, 3]))
    #expect(digest([1, 2, 3, 4, 5, 6], [2, 3]) != digest([1, 2, 3, 4, 5, 6], [3, 2]))
    #expect(digest([1, 2, 3, 4, 5, 6], [2, 3]) != digest([2, 1, 3, 4, 5, 6], [2, 3]))
  }
}
