import StudyProtocol
import Testing

@testable import SiteTraining

/// Masks and images whose values differ from the values that a study expects.
struct LabelFieldTests {
  @Test func emptyMasksAreAWarning() throws {
    let found = try FieldImages("labels/all_empty")
    #expect(found.errors.isEmpty && found.warnings.count == 1)
    let finding = try #require(found.warnings.first)
    #expect(finding.element == "lesion" && finding.records == 6)
    #expect(finding.message.contains("every mask of the site is empty"))
  }

  @Test(arguments: ["labels/value_255", "labels/one_bit"])
  func foundCodeIsShownOnlyToTheSite(_ name: String) throws {
    let found = try FieldImages(name)
    let finding = try #require(found.errors.first)
    #expect(finding.element == "lesion" && finding.values == ["255"])
    #expect(!finding.message.contains("255") && finding.message.contains("elements.lesion.values"))
    let mapped = try FieldImages(name, changeSite: { $0.elements["lesion"]?.values = ["255": "1"] })
    #expect(mapped.findings.isEmpty)
    #expect(try mapped.examples().masks.contains(1))
  }

  /// The scale turns 0 and 1 into 0 and 0.00003, which would both be rounded to the background.
  @Test func maskOfTinyFractionsIsRefused() throws {
    let found = try FieldImages("labels/scaled")
    let finding = try #require(found.errors.first)
    #expect(found.data == nil && finding.records == 6 && finding.values == ["3.0518204e-05"])
    #expect(finding.message.contains("not whole numbers"))
    #expect(finding.message.contains("the permitted values are 0, 1"))
  }

  private static func mapped(_ site: inout SiteDefinition) { site.elements["lesion"]?.values = ["255": "1"] }

  /// The same pictures as with one-bit masks, whose bright pixels are 255.
  @Test(arguments: ["palette", "rgb"]) func colouredMaskIsReadAsCodes(_ name: String) throws {
    let found = try FieldImages("labels/\(name)")
    #expect(found.findings.isEmpty, "\(found.findings)")
    let control = try FieldImages("labels/one_bit", changeSite: Self.mapped).examples()
    #expect(try found.examples().masks == control.masks && control.masks.contains(1))
  }

  @Test func constantImagesAreAWarning() throws {
    let found = try FieldImages("image-quality/constant")
    #expect(found.errors.isEmpty && found.warnings.count == 1)
    let finding = try #require(found.warnings.first)
    #expect(finding.element == "image" && finding.records == 3)
    #expect(finding.message.contains("one value in every voxel"))
  }

  @Test func oneMaskForAllIsRefused() throws {
    let found = try FieldImages("image-quality/one_mask_for_all")
    let finding = try #require(found.errors.first)
    #expect(found.errors.count == 1 && finding.element == "lesion" && finding.records == 6)
    #expect(finding.message.contains("all records of the site have the same file"))
    #expect(finding.places == ["data/P00_seg.nii.gz"])
  }

  @Test func otherPlaneIsAWarningUnlessTheStudyReorients() throws {
    let found = try FieldImages("image-quality/other_plane")
    let finding = try #require(found.warnings.first)
    #expect(found.errors.isEmpty && finding.records == 4)
    #expect(finding.message.contains("stored in another plane") && finding.message.contains("reorient"))
    let turned = try FieldImages(
      "image-quality/other_plane", changeStudy: { $0.preprocessing.insert(.reorient(to: "RAS"), at: 0) })
    #expect(turned.findings.isEmpty)
  }

  @Test func fourthAxisHoldsTheChannels() throws {
    let found = try FieldImages("channels-4d/decathlon")
    #expect(found.findings.isEmpty && found.data?.source.exampleShape == [2, 20, 24])
    // The second sequence is half of the first, rounded to whole numbers, so their z-scores are nearly equal.
    let images = try found.examples().images
    let length = 20 * 24
    for slice in stride(from: 0, to: images.count, by: 2 * length) {
      let pairs = zip(images[slice..<slice + length], images[slice + length..<slice + 2 * length])
      #expect(pairs.allSatisfy { abs($0 - $1) < 0.01 })
    }
  }

  @Test func otherNumberOfSequencesIsRefused() throws {
    let found = try FieldImages("channels-4d/decathlon", changeStudy: { $0.elements[0].channels = 3 })
    #expect(found.errors.first?.message.contains("2 images along its time axis") == true)
  }

  @Test func missingVoxelsAreRefusedUnlessAFillIsDeclared() throws {
    let found = try FieldImages("nan-background/nan")
    let finding = try #require(found.errors.first)
    #expect(found.data == nil && finding.records == 6 && finding.element == "image")
    #expect(finding.message.contains("of 2880 voxels are not numbers"))
    #expect(finding.message.contains("`missing-voxels: 0`"))
    let filled = try FieldImages("nan-background/nan", changeStudy: { $0.elements[0].missingVoxels = 0 })
    let local = try FieldImages("nan-background/nan", changeSite: { $0.elements["image"]?.missingVoxels = 0 })
    #expect(filled.findings.isEmpty && local.findings.isEmpty)
    let (images, locals) = (try filled.examples().images, try local.examples().images)
    #expect(images.allSatisfy(\.isFinite) && images == locals)
  }

  /// A photograph that a camera stored turned, and a mask drawn on the upright picture.
  @Test func photographsAreSeenUpright() throws {
    let found = try FieldImages("photo-orientation/exif")
    #expect(found.findings.isEmpty, "\(found.findings)")
    let (examples, control) = (
      try found.examples(), try FieldImages("photo-orientation/control").examples()
    )
    #expect(examples.masks == control.masks && examples.images.count == control.images.count)
    // JPEG compression changes each picture slightly, measured in standard deviations of its values.
    let differences = zip(examples.images, control.images).map { abs($0 - $1) }
    #expect(differences.reduce(0, +) / Float(differences.count) < 0.1)
  }
}
