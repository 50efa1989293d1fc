import FederatedCore
import Foundation
import Testing

@testable import StudyProtocol

/// Symbolic links in a data folder that lead out of it.
@Suite struct LinkPermissionTests {
  private static let study = lggSketch

  private let outside: TestFolder
  private let inside: TestFolder

  init() throws {
    outside = try TestFolder(["secret/1.nii": "xy", "table.csv": "patient\n1\n", "secret/2.nii": "xy"])
    inside = try TestFolder(["images/1.nii": "xy", "other/1.nii": "xy", "series/1.dcm": "xy"])
  }

  private func link(_ path: String, to target: URL) throws {
    try FileManager.default.createSymbolicLink(
      at: inside.url.appending(path: path), withDestinationURL: target)
  }

  private func folder(links: [String] = []) throws -> DataFolder {
    try DataFolder(".", dataRoot: inside.url, links: links)
  }

  private func find(_ path: String, links: [String] = []) throws -> FileFinder.Result {
    FileFinder(try folder(links: links)).find(path)
  }

  @Test func linkedFileOutsideIsRefused() throws {
    try link("images/2.nii", to: outside.url.appending(path: "secret/2.nii"))
    #expect(try find("images/2.nii") == .outside)
    #expect(try find("images/1.nii") == .found("images/1.nii", size: 2))
  }

  @Test func linkedFolderOutsideIsRefused() throws {
    try link("archive", to: outside.url.appending(path: "secret"))
    #expect(try find("archive/1.nii") == .outside)
    #expect(try find("archive") == .outside)
    let error = #expect(throws: ConsiliumError.self) { try FilePattern("*/*.nii", in: try folder()) }
    #expect(
      error?.message
        == "archive: a symbolic link leads out of the site's data folder; copy the data into the folder, or list the folder to "
        + "which the link leads under `links` of the site file")
  }

  @Test func linkWithinASeriesIsRefused() throws {
    #expect(try find("series") == .found("series", size: 1))
    try link("series/2.dcm", to: outside.url.appending(path: "secret/2.nii"))
    #expect(try find("series") == .outside)
  }

  @Test func linkedTableIsRefused() throws {
    try link("table.csv", to: outside.url.appending(path: "table.csv"))
    let error = #expect(throws: ConsiliumError.self) { try folder().contents(of: "table.csv") }
    #expect(
      error?.message.hasPrefix("table.csv: a symbolic link leads out of the site's data folder") == true)
    #expect(try folder(links: [outside.url.path]).contents(of: "table.csv") == Data("patient\n1\n".utf8))
  }

  @Test func permittedFolderIsRead() throws {
    try link("archive", to: outside.url.appending(path: "secret"))
    let links = [outside.url.appending(path: "secret").path]
    #expect(try find("archive/1.nii", links: links) == .found("archive/1.nii", size: 2))
    #expect(try find("archive", links: links) == .found("archive", size: 1))
    #expect(try FilePattern("archive/*.nii", in: try folder(links: links)).files.count == 2)
    // A folder beside the permitted one, whose name begins alike.
    #expect(try find("archive/1.nii", links: [String(links[0].dropLast())]) == .outside)
  }

  @Test func linksWithinTheFolderAndToTheFolderAreFollowed() throws {
    try link("images/3.nii", to: inside.url.appending(path: "other/1.nii"))
    #expect(try find("images/3.nii") == .found("images/3.nii", size: 2))
    try link("images/loop", to: inside.url.appending(path: "images"))
    #expect(try find("images") == .found("images", size: 1))
    let root = outside.url.appending(path: "root")
    try FileManager.default.createSymbolicLink(at: root, withDestinationURL: inside.url)
    let finder = FileFinder(try DataFolder(".", dataRoot: root))
    #expect(finder.find("images/1.nii") == .found("images/1.nii", size: 2))
  }

  @Test func brokenLinkIsAbsent() throws {
    try link("images/4.nii", to: outside.url.appending(path: "nowhere"))
    #expect(try find("images/4.nii") == .absent)
  }

  /// A row that names such a file is a finding, as one that leaves the folder by `..` is.
  @Test(arguments: [
    ("linked", "a symbolic link leads out of the site's data folder"),
    ("../../etc/passwd", "the path leaves"),
  ])
  func rowThatLeavesTheFolderIsAFinding(name: String, message: String) throws {
    try link("images/linked.nii", to: outside.url.appending(path: "secret/2.nii"))
    try "image,mask,patient\n\(name),1,1\n".write(
      to: inside.url.appending(path: "t.csv"), atomically: true, encoding: .utf8)
    let study = try Study(yaml: lggSketch)
    let (image, mask) = (study.inputs[0].name, try #require(study.element(.target)).name)
    let site = SiteDefinition(
      name: SiteID("A"), table: SiteTable(source: .csv(file: "t.csv", columns: nil, delimiter: nil)),
      elements: [
        image: ElementMapping(source: .file("images/{image}.nii")),
        mask: ElementMapping(source: .file("images/{mask}.nii")),
      ])
    let findings = try SiteIndex(reading: site, for: study, dataRoot: inside.url).dataFindings
    #expect(
      findings.contains { $0.element == image && $0.message.hasPrefix(message) && $0.severity == .error })
  }

  @Test func siteFileNamesTheFoldersOfLinks() throws {
    let study = try Study(yaml: heartSketch)
    let yaml = "table: {file: t.csv}\nlinks: [/mnt/archive]\nsites: [{name: A}, {name: B, links: []}]\n"
    let sites = try SiteFile(yaml: yaml, study: study).definitions(dataRoot: URL(filePath: "/"))
    #expect(sites.map(\.links) == [["/mnt/archive"], []])
    #expect(try SiteDefinition(canonicalJSON: sites[0].canonicalJSON()) == sites[0])
    #expect(try !sites[1].canonicalJSON().contains("links"))
    let error = #expect(throws: StudyDiagnostics.self) {
      try SiteFile(yaml: yaml.replacing("/mnt/archive", with: "../archive"), study: study)
    }
    #expect(
      error?.description.contains(
        "'../archive' is no folder to which symbolic links may lead; expected an absolute path such as /mnt/archive"
      )
        == true)
  }
}
