import FederatedCore
import StudyProtocol
import Testing

@testable import SiteTraining

/// The declarations of a study are compared with the files.
@Suite struct DimensionsFieldTests {
  private func errors(_ findings: [DataFinding]) -> [String] {
    findings.filter { $0.severity == .error }.map(\.message)
  }

  /// NIfTI files of one slice, as in nnU-Net's two-dimensional data sets.
  @Test func slabOfOneSliceIsAPicture() throws {
    let field = try FieldCase("dimensions/picture_as_slab")
    #expect(try field.check("alpha").isEmpty)
    let data = try #require(try field.load("alpha").data)
    #expect(data.source.exampleCount == 6)
    #expect(data.source.exampleShape.count == 3)
  }

  @Test func volumesWithoutSlicesAreRefused() throws {
    let found = try FieldCase("dimensions/volumes_without_slices").check("alpha")
    #expect(
      errors(found) == [
        "the study declares 2 dimensions and the file has 3 (6 slices); add {slices: {axis: z}} to preprocessing, or declare `dimensions: 3`"
      ])
    #expect(found.first?.element == "image")
    #expect(found.first?.places.allSatisfy { $0.hasSuffix("_img.nii.gz") } == true)
    // The advice in the message helps.
    let mended = try FieldCase(
      "dimensions/volumes_without_slices", changing: ["per: image}}]": "per: image}}, {slices: {axis: z}}]"])
    #expect(try mended.check("alpha").isEmpty)
    #expect(try mended.load("alpha").data?.source.exampleCount == 36)
  }

  @Test func picturesInAStudyOfVolumesAreRefused() throws {
    let found = try FieldCase("dimensions/pictures_in_3d_study").check("alpha")
    #expect(
      errors(found) == [
        "the study declares 3 dimensions and the file has 2; give volumes, or declare `dimensions: 2`"
      ])
  }

  @Test func slicesInAStudyOfVolumesAreRefused() throws {
    let slabs = try FieldCase(
      "dimensions/picture_as_slab", changing: ["dimensions: 2": "dimensions: 3"]
    ).check("alpha")
    #expect(
      errors(slabs) == [
        "the study declares 3 dimensions and the file has one slice; give volumes, or declare `dimensions: 2`"
      ])
  }

  @Test func siteThatDiffersIsRefusedByItsOwnCheck() throws {
    let field = try FieldCase("dimensions/site_differs")
    #expect(try errors(field.check("alpha")) == [])
    #expect(
      try errors(field.check("beta")) == [
        "the study declares 3 dimensions and the file has 2; give volumes, or declare `dimensions: 2`"
      ])
  }

  @Test func sizesThatAUNetCannotHalveAreRefused() throws {
    let found = try FieldCase("engine-errors/odd_size").check("alpha")
    #expect(
      errors(found) == [
        "after preprocessing the image has 35×33 pixels, but this U-Net needs sides that are multiples of 2, the product of its strides, such as 34×32 or 36×34; add {crop-or-pad: {size: [36, 34]}} or a resample step to the study"
      ])
    #expect(found.first?.records == 8)
    let mended = try FieldCase(
      "engine-errors/odd_size",
      changing: ["preprocessing: [": "preprocessing: [{crop-or-pad: {size: [36, 34]}}, "])
    #expect(try mended.check("alpha").isEmpty)
  }

  @Test func batchOfOneIsRefusedByTheStudy() throws {
    #expect(throws: StudyDiagnostics.self) { try FieldCase("engine-errors/batch_of_one") }
    let mended = try FieldCase("engine-errors/batch_of_one", changing: ["batch-size: 1": "batch-size: 2"])
    #expect(errors(try mended.check("alpha")) == [])
  }
}
