import FederatedCore
import StudyProtocol
import Testing

@testable import ConsiliumCommands

@Suite struct SiteComparisonTests {
  private func study(_ steps: String = "", dimensions: Int = 3) throws -> Study {
    try Study(
      yaml: """
        study: {name: alike, task: segmentation, seed: 5}
        elements:
          - {name: image, kind: image, role: input, modality: MR, dimensions: \(dimensions), channels: 1}
          - {name: lesion, kind: mask, role: target, dimensions: \(dimensions), values: {0: background, 1: lesion}}
        preprocessing: [\(steps)]
        model: {architecture: unet, channels: [4, 8], residual-units: 1}
        training: {loss: dice-ce, optimizer: {name: adamw, learning-rate: 1e-2}, batch-size: 4, local-epochs: 1}
        federation: {workflow: fedavg, rounds: 2}
        evaluation: {metrics: [dice], split: {test: 0.2}}

        """)
  }

  /// A site whose images are mostly of the first orientation and spacing.
  private func site(
    _ name: String, _ orientations: [String] = ["LPS"], size: String = "64×64×20",
    spacing: String = "1×1×3 mm"
  ) -> (site: SiteID, facts: SiteFacts) {
    var image = SiteFacts.Element(name: "image", kind: "image", records: 10)
    image.orientations = orientations.enumerated().map { .init($1, records: 9 - $0) }
    image.sizes = [.init(size, records: 10)]
    image.spacings = [.init(spacing, records: 10)]
    return (SiteID(name), SiteFacts(rows: 10, used: 10, exampleShape: [], elements: [image]))
  }

  @Test func similarSitesCauseNoCaution() throws {
    #expect(SiteComparison(try study(), [site("a"), site("b")]).cautions == [])
    #expect(SiteComparison(try study(), [site("a")]).cautions == [])
    #expect(SiteComparison(try study(), []).cautions == [])
  }

  @Test func namesMirroredSitesWithTheirDirections() throws {
    let sites = [site("alpha"), site("beta", ["RAS", "LPS"]), site("gamma")]
    let cautions = SiteComparison(try study(), sites).cautions
    #expect(cautions.map(\.kind) == [.unlikeSites])
    let message = try #require(cautions.first?.message)
    #expect(message.contains("the axes run LPS at 'alpha' and 'gamma' and the axes run RAS at 'beta'"))
    #expect(message.contains("mirrored or turned; add `reorient: {to: RAS}`"))
  }

  @Test func reorientedVolumesAndPicturesAreNotCompared() throws {
    let sites = [site("alpha"), site("beta", ["RAS"])]
    #expect(SiteComparison(try study("reorient: {to: RAS}"), sites).cautions == [])
    let pictures = ["LPS", "RAS"].map { site($0, [$0], size: "64×64", spacing: "not stated") }
    #expect(SiteComparison(try study(dimensions: 2), pictures).cautions == [])
  }

  @Test func namesDifferentPlanes() throws {
    let cautions = SiteComparison(try study(), [site("alpha"), site("beta", ["PIR"])]).cautions
    #expect(cautions.map(\.message).joined().contains("The model would see other planes"))
    let turned = SiteComparison(try study(), [site("alpha"), site("beta", ["PLS"])]).cautions
    #expect(turned.map(\.message).joined().contains("mirrored or turned"))
  }

  @Test(arguments: [(0.024, 0.976, true), (0.3, 0.9, true), (0.024, 0.4, false), (0.45, 0.6, false)])
  func namesSwappedMaskCodes(low: Double, high: Double, isNamed: Bool) throws {
    let sites = [("alpha", high), ("beta", low)].map { name, share in
      var mask = SiteFacts.Element(name: "lesion", kind: "mask", records: 10)
      mask.share = share
      return (site: SiteID(name), facts: SiteFacts(rows: 10, used: 10, exampleShape: [], elements: [mask]))
    }
    let message = SiteComparison(try study(), sites).cautions.map(\.message).joined()
    #expect(message.isEmpty != isNamed)
    if isNamed { #expect(message.contains("at 'beta' and") && message.contains("may be swapped")) }
  }

  @Test func namesSiteThatStatesNoDirections() throws {
    let cautions = SiteComparison(try study(), [site("alpha"), site("beta", ["not stated"])]).cautions
    #expect(cautions.map(\.message).joined().contains("'beta' does not state its directions"))
    #expect(cautions.map(\.message).joined().contains("write the orientation into the files"))
  }

  @Test(arguments: [
    ("", "2×2×3 mm", "64×64×20", true), ("", "1.9×1.9×3 mm", "64×64×20", false),
    ("", "1×1×6 mm", "64×64×20", true), ("slices: {axis: z}", "1×1×6 mm", "64×64×20", false),
    ("slices: {axis: z}", "1000×1000×3 mm", "64×64×20", true), ("", "not stated", "64×64×20", false),
    ("resample: {spacing: [1, 1, 1]}", "9×9×3 mm", "64×64×20", false),
    ("resample: {size: [32, 32, 16]}", "0.5×0.5×3 mm", "128×128×20", false),
    ("resample: {size: [32, 32, 16]}", "0.5×0.5×3 mm", "64×64×20", true),
  ])
  func scalesThatDifferByTwoAreNamed(steps: String, spacing: String, size: String, isNamed: Bool) throws {
    let sites = [site("alpha"), site("beta", size: size, spacing: spacing)]
    let study = try study(steps, dimensions: steps.contains("slices") ? 2 : 3)
    let message = SiteComparison(study, sites).cautions.map(\.message).joined()
    #expect(message.isEmpty != isNamed, "\(message)")
    if isNamed { #expect(message.contains("at 'alpha' and") && message.contains("resample: {")) }
  }
}
