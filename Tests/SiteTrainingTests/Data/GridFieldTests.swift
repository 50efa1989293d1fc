import StudyProtocol
import Testing

@testable import SiteTraining

/// Images and masks that do not overlap, and spacings that a file states wrongly or not at all.
struct GridFieldTests {
  /// The same patients as in the control, stored differently.
  @Test(arguments: ["flipped", "dicom_image_nifti_mask"])
  func flippedMaskIsBroughtOntoTheImageGrid(_ name: String) throws {
    let found = try FieldImages("mask-grid/\(name)")
    #expect(found.findings.isEmpty, "\(found.findings)")
    let control = try FieldImages("mask-grid/good").examples()
    let examples = try found.examples()
    #expect(!control.masks.isEmpty && examples.masks == control.masks)
    #expect(examples.images == control.images)
  }

  /// If the study reorients, image and mask end up as before: each turned by its own directions.
  @Test func reorientedStudyIsAsBefore() throws {
    let flipped = try FieldImages("mask-grid/flipped_reoriented")
    let control = try FieldImages(
      "mask-grid/good", changeStudy: { $0.preprocessing = flipped.study.preprocessing })
    #expect(flipped.findings.isEmpty)
    #expect(try flipped.examples().masks == control.examples().masks)
  }

  @Test func maskOfAnotherSpacingIsRefused() throws {
    let found = try FieldImages("mask-grid/other_spacing")
    #expect(found.data == nil && found.findings.count == 1)
    let finding = try #require(found.errors.first)
    #expect(finding.element == "lesion" && finding.records == 6)
    #expect(finding.message.contains("its spacing is 1 × 1 × 1.5 mm, the image's 1 × 1 × 3 mm"))
    #expect(finding.message.contains("Resample the mask onto the image's grid"))
    #expect(finding.places.first == "data/P00_seg.nii.gz")
  }

  @Test func imagesInMicrometresEqualThoseInMillimetres() throws {
    let (micron, control) = (
      try FieldImages("nifti-geometry/micron"), try FieldImages("nifti-geometry/millimetre")
    )
    #expect(micron.findings.isEmpty)
    let data = try (#require(micron.data), #require(control.data))
    #expect(try micron.examples().images == control.examples().images)
    let record = try #require(data.0.patients.first?.records.first)
    let (grid, expected) = (try data.0.source.grid(of: record), try data.1.source.grid(of: record))
    #expect(grid.shape == expected.shape && grid.statesSpacing)
    for (found, wanted) in zip(grid.spacing, expected.spacing) { #expect(abs(found - wanted) < 1e-6) }
    #expect(abs(grid.spacing[0] - 0.3) < 1e-6 && abs(grid.spacing[2] - 0.1) < 1e-6)
  }

  @Test func spacingThatIsNotStatedCannotBeResampled() throws {
    let found = try FieldImages("image-quality/unstated_spacing")
    #expect(found.data == nil)
    let finding = try #require(found.errors.first)
    #expect(finding.element == "image" && finding.records == 6)
    #expect(finding.message.contains("does not state its spacing"))
    #expect(finding.message.contains("resample to a size"))
  }

  @Test func directionThatIsNotStatedCannotBeReoriented() throws {
    let found = try FieldImages(
      "image-quality/unstated_spacing",
      changeStudy: { $0.preprocessing = [.reorient(to: "RAS"), .slices(axis: .z)] })
    #expect(found.errors.first?.message.contains("does not state how its axes lie in the patient") == true)
  }

  /// Distances would be in voxels, so none is measured, and the site receives a warning.
  @Test func distanceNeedsAStatedSpacing() throws {
    let found = try FieldImages(
      "image-quality/unstated_spacing",
      changeStudy: {
        $0.preprocessing = [.slices(axis: .z)]
        $0.evaluation.metrics = [.dice, .hausdorff95]
      })
    #expect(found.errors.isEmpty)
    #expect(found.warnings.map(\.records) == [6])
    #expect(found.warnings.first?.message.contains("hausdorff95") == true)
    let data = try #require(found.data)
    let grid = try data.source.grid(of: try #require(data.patients.first?.records.first))
    #expect(!grid.statesSpacing)
    let mask: [UInt8] = [UInt8](repeating: 0, count: grid.shape.reduce(1, *) - 1) + [1]
    let score = VolumeScore.score(
      prediction: mask, truth: mask, grid: grid, classCount: 2, withDistances: true)
    #expect(score.dice == [1] && score.hausdorff95 == [nil])
  }
}
