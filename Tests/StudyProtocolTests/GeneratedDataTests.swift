import FederatedCore
import Foundation
import Testing

@testable import StudyProtocol

struct GeneratedDataTests {
  @Test(arguments: [("# Generated brain MRI\n", true), ("# Brain MRI\n", false), (nil, false)])
  func generatedDataMatchTheirReadme(readme: String?, isGenerated: Bool) throws {
    let folder = try TestFolder(readme.map { ["north/README.md": $0] } ?? [:])
    let site = SiteDefinition(
      name: SiteID("north"), data: "north", table: SiteTable(source: .files(pattern: "*")))
    #expect(site.isGenerated(in: folder.url) == isGenerated)
  }
}
