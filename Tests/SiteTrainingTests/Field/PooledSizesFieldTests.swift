import FederatedCore
import StudyProtocol
import Testing

@testable import SiteTraining

/// Each site has images of one size; together they have two.
@Suite struct PooledSizesFieldTests {
  @Test func eachSitePassesAndReportsItsSize() throws {
    let field = try FieldCase("pooled-sizes/two_sites")
    var shapes: [[Int]] = []
    for site in ["alpha", "beta"] {
      #expect(try field.check(site).isEmpty)
      let facts = try #require(try field.load(site, showsFacts: true).facts)
      shapes.append(facts.exampleShape)
      #expect(try field.load(site).facts == nil)
    }
    #expect(shapes == [[1, 24, 24], [1, 32, 32]])
  }

  @Test func sitesOfOneSizeArePooledWhole() throws {
    let field = try FieldCase("pooled-sizes/control")
    let parts = { (loaded: SessionLoader) in loaded.data?.description.map(\.examples) ?? [] }
    let (alpha, beta) = (try parts(field.load("alpha")), try parts(field.load("beta")))
    #expect(try parts(field.load()) == zip(alpha, beta).map(+))
    #expect(try field.check().isEmpty)
  }
}
