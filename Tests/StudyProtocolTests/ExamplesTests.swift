import FederatedCore
import Foundation
import StudyProtocol
import Testing

/// The folders of the examples and of the real data.
enum Examples {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let folder = root.appending(path: "Examples")
  static let names = [
    "ham10000", "heart-disease", "hippocampus", "lgg-brain-mri", "phantom", "pneumonia-cxr", "tcga-brca",
    "two-hospitals",
  ]

  static let data: URL? = {
    let candidates = [
      ProcessInfo.processInfo.environment["CONSILIUM_DATA"].map { URL(filePath: $0) },
      root.appending(path: "../shared/data"),
    ]
    return candidates.compactMap(\.self).first {
      FileManager.default.fileExists(atPath: $0.appending(path: "lgg-brain-mri").path)
    }
  }()

  static func read(_ name: String) throws -> (study: Study, sites: SiteFile) {
    let study = try Study(file: folder.appending(path: "\(name)/study.yaml"))
    return (study, try SiteFile(file: folder.appending(path: "\(name)/sites.yaml"), study: study))
  }
}

@Suite struct ExamplesTests {
  @Test(arguments: Examples.names) func isValid(name: String) throws {
    let (study, sites) = try Examples.read(name)
    #expect(study.header.name == name)
    #expect(study.header.question != nil)
    #expect(try Study(canonicalJSON: study.canonicalJSON()) == study)
    #expect(try Study(yaml: study.canonicalJSON()) == study)
    #expect(sites.file.hasSuffix("sites.yaml"))
  }

  @Test func allAreTested() throws {
    let found = try FileManager.default.contentsOfDirectory(atPath: Examples.folder.path)
    #expect(found.filter { !$0.contains(".") }.sorted() == Examples.names)
  }

  /// The number of patients at each site of the real data, according to the data's own descriptions.
  @Test(
    .enabled(if: Examples.data != nil),
    arguments: [
      ("lgg-brain-mri", ["DU": 32, "HT": 29, "CS": 13, "FG": 12]),
      ("ham10000", ["rosendahl": 1797, "vidir_modern": 2700, "vidir_molemax": 3201, "vienna_dias": 336]),
      ("hippocampus", ["large_scale": 25, "mid_scale": 131, "uint8_scale": 49]),
      ("heart-disease", ["cleveland": 303, "hungarian": 261, "switzerland": 46, "va": 130]),
      (
        "tcga-brca",
        ["Northeast": 311, "South": 196, "West": 206, "Midwest": 162, "Europe": 162, "Canada": 51]
      ),
    ])
  func countsOfRealData(name: String, counts: [String: Int]) throws {
    let (study, file) = try Examples.read(name)
    let root = try #require(Examples.data)
    var found: [String: Int] = [:]
    for site in try file.sites(for: study, dataRoot: root) {
      let index = try SiteIndex(reading: site, for: study, dataRoot: root)
      found[site.name.rawValue] = index.records.count
      #expect(index.isUsable, "\(index.findings)")
      // Well-kept tables cause only warnings about left-out records. Zurich and Basel wrote 0 for every
      // cholesterol, which no living person has.
      let others = index.findings.filter { ![.required, .part].contains($0.rule) }
      let isConstant = others.map(\.rule) == [.constant] && others.first?.element == "cholesterol"
      #expect(site.name.rawValue == "switzerland" ? isConstant : others.isEmpty, "\(others)")
      let parts = DataPart.allCases.map { index.records(in: $0).count }
      #expect(parts.reduce(0, +) == index.records.count)
      #expect(parts[0] > parts[2] && parts[2] > 0)
      let groups = DataPart.allCases.map { part in Set(index.records(in: part).map(\.group)) }
      #expect(groups[0].isDisjoint(with: groups[1]) && groups[0].isDisjoint(with: groups[2]))
    }
    #expect(found == counts)
  }

  /// In Vienna, six lesions were photographed with each of the two cameras, according to the data's own
  /// table.
  @Test(.enabled(if: Examples.data != nil)) func countsLesionsSharedByTwoSites() throws {
    let (study, file) = try Examples.read("ham10000")
    let root = try #require(Examples.data)
    let sites = try file.sites(for: study, dataRoot: root)
    let shared = SharedIdentifiers(of: sites, study: study, dataRoot: root)
    let found = sites.flatMap { shared.findings(of: $0.name) }
    #expect(found.map(\.site.rawValue) == ["vidir_molemax"])
    #expect(
      found.first?.message.hasPrefix(
        "6 identifiers of this site also occur at other sites (6 at 'vidir_modern')") == true)
  }

  @Test(.enabled(if: Examples.data != nil)) func tcgaRegionsKeepTheirPublishedSplit() throws {
    let (study, file) = try Examples.read("tcga-brca")
    let root = try #require(Examples.data)
    let sites = try file.sites(for: study, dataRoot: root)
    let tests = try sites.map {
      try SiteIndex(reading: $0, for: study, dataRoot: root).records(in: .test).count
    }
    #expect(sites.map(\.name.rawValue) == ["Canada", "Europe", "Midwest", "Northeast", "South", "West"])
    #expect(tests == [11, 33, 33, 63, 40, 42])
    let encoder = TableEncoder(study: study, training: [])
    #expect(encoder.columns.count == 39)
  }
}
