import Foundation
import Testing

@testable import StudyProtocol

/// Tests `missing-voxels`, the value of voxels that were not measured, in study and site files.
struct MissingVoxelsTests {
  private static func study(_ image: String = "", mask: String = "") -> String {
    """
    study: {name: fill, task: segmentation}
    elements:
      - {name: image, kind: image, role: input\(image)}
      - {name: lesion, kind: mask, role: target, values: {0: background, 1: lesion}\(mask)}
      - {name: patient, kind: identifier, role: group}
    model: {architecture: unet, channels: [4, 8]}
    training: {loss: dice-ce, optimizer: {name: adamw, learning-rate: 1e-2}, batch-size: 8}
    federation: {workflow: fedavg, rounds: 2}
    evaluation: {metrics: [dice], split: {by: patient}}

    """
  }

  @Test func studyDeclaresTheFill() throws {
    let study = try Study(yaml: Self.study(", missing-voxels: -1000"))
    #expect(study.elements[0].missingVoxels == -1000)
    #expect(try Study(canonicalJSON: study.canonicalJSON()) == study)
  }

  /// Studies from before the key was added keep their digests.
  @Test func studyWithoutAFillHasTheSameText() throws {
    let text = try Study(yaml: Self.study()).canonicalJSON()
    #expect(!text.contains("issing"))
  }

  @Test func onlyImagesHaveAFill() throws {
    let error = #expect(throws: StudyDiagnostics.self) {
      try Study(yaml: Self.study(mask: ", missing-voxels: 0"))
    }
    #expect("\(error.map(String.init(describing:)) ?? "")".contains("has no missing-voxels"))
  }

  @Test func siteDeclaresTheFill() throws {
    let study = try Study(yaml: Self.study())
    func sites(image: String = "", lesion: String = "") throws -> [SiteDefinition] {
      try SiteFile(
        yaml: """
          sites: [{name: north}]
          table: {file: list.csv}
          elements:
            image: {file: "{patient}.nii"\(image)}
            lesion: {file: "{patient}-mask.nii"\(lesion)}

          """, study: study
      ).sites(for: study, dataRoot: URL(filePath: "/"))
    }
    let site = try #require(try sites(image: ", missing-voxels: 0").first)
    #expect(site.elements["image"]?.missingVoxels == 0 && site.elements["lesion"]?.missingVoxels == nil)
    #expect(try SiteDefinition(canonicalJSON: site.canonicalJSON()) == site)
    let error = #expect(throws: StudyDiagnostics.self) { try sites(lesion: ", missing-voxels: 0") }
    #expect("\(error.map(String.init(describing:)) ?? "")".contains("only images have `missing-voxels`"))
  }
}
