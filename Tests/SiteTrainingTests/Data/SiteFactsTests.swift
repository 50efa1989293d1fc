import FederatedCore
import Foundation
import StudyProtocol
import TestSupport
import Testing
import WorkerProtocol

@testable import SiteTraining

@Suite struct SiteFactsTests {
  /// Two images of 4 × 2 × 3 voxels and one of 2 × 2 × 2, whose mask cannot be read.
  private func facts(showsValues: Bool) throws -> SiteFacts {
    try withTemporaryFolder { folder in
      let study = try SmallImages.study(preprocessing: "slices: {axis: z}")
      var table = ["patient,visit,site"]
      for (number, size) in [[4, 2, 3], [4, 2, 3], [2, 2, 2]].enumerated() {
        let count = size.reduce(1, *)
        table.append("p\(number),1,north")
        for (kind, voxels) in [
          ("images", (0..<count).map { Float($0 - 5 + 10 * number) }),
          ("masks", (0..<count).map { number == 2 ? 7 : number == 0 && $0 < 6 ? 1 : 0 }),
        ] {
          let url = folder.appending(path: "\(kind)/p\(number)-1.nii")
          try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
          try ImageFiles.nifti(voxels, size: size, spacing: [0.9375, 0.5, 6]).write(to: url)
        }
      }
      try Data(table.joined(separator: "\n").utf8).write(to: folder.appending(path: "table.csv"))
      let request = OpenSession(
        session: "north", study: try study.canonicalJSON(),
        sites: [try SmallImages.site("north").canonicalJSON()], dataRoot: folder.path, seed: 1, cacheBytes: 0,
        showsValues: showsValues, showsFacts: true)
      return try #require(
        try SessionLoader(request, study: study, cache: RecordCache(bound: 0)).facts)
    }
  }

  @Test func imagesAndMasksAreDescribedAsTheyAreStored() throws {
    let facts = try facts(showsValues: true)
    #expect(facts.rows == 3 && facts.used == 2 && facts.leftOut == 1)
    #expect(facts.exampleShape == [1, 2, 4])
    let image = try #require(facts.elements.first { $0.name == "image" })
    #expect(image.records == 2)
    #expect(image.sizes == [.init("4×2×3", records: 2)])
    #expect(image.spacings == [.init("0.938×0.5×6 mm", records: 2)])
    // The affine's x and y run to the right and the front; the letters name the directions of increase.
    #expect(image.orientations.map(\.records) == [2])
    #expect(image.values == .init(low: -5, high: 28))
    let mask = try #require(facts.elements.first { $0.name == "lesion" })
    #expect(mask.classes == [.init("lesion", records: 1)])
    #expect(mask.share == 6.0 / 48)
    #expect(mask.values == nil)
  }

  @Test func valuesAreShownOnRequestOnly() throws {
    #expect(try facts(showsValues: false).elements.allSatisfy { $0.values == nil })
  }
}
