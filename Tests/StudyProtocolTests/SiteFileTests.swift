import FederatedCore
import Foundation
import StudyProtocol
import Testing

/// The sites of the example study.
let lggSites = """
  data: lgg
  table: {file: patients.csv}
  sites: {column: institution, only: [DU, HT, CS, FG], titles: {DU: Henry Ford Hospital}}
  elements:
    flair: {file: "flair/{patient}.nii.gz"}
    lesion: {file: "mask/{patient}.nii.gz", values: {255: 1}}
    patient: patient
    age: {column: age, missing: [-9], scale: 12, offset: 0.5}
  """

@Suite struct SiteFileTests {
  private func faults(_ yaml: String, study: String? = lggSketch) throws -> [String] {
    let study = try study.map { try Study(yaml: $0) }
    do {
      _ = try SiteFile(yaml: yaml, file: "s", study: study)
      return []
    } catch {
      return error.diagnostics.map { String($0.description.dropFirst(2)) }
    }
  }

  @Test func columnOfTheTableNamesTheSites() throws {
    let study = try Study(yaml: lggSketch)
    let sites = try SiteFile(yaml: lggSites, study: study).sites(
      for: study, dataRoot: URL(filePath: "/nowhere"))
    #expect(sites.map(\.name.rawValue) == ["DU", "HT", "CS", "FG"])
    #expect(sites[0].title == "Henry Ford Hospital")
    #expect(sites[1].rows == ["institution": ["HT"]])
    #expect(
      sites[0].elements["age"] == .init(source: .column("age"), missing: ["-9"], scale: 12, offset: 0.5))
    #expect(sites[0].elements["flair"]?.source == .file("flair/{patient}.nii.gz"))
    let lesion = try #require(study.element(.target))
    #expect(sites[0].classIndices(of: lesion) == [0: 0, 1: 1, 255: 1])
    for site in sites {
      #expect(try SiteDefinition(canonicalJSON: site.canonicalJSON()) == site)
    }
    #expect(try Set(sites.map { try $0.digest() }).count == 4)
  }

  @Test func listedSitesInheritAndOverride() throws {
    let file = try SiteFile(
      yaml: """
        table: {file: a.csv, missing: ["?"]}
        where: {kept: 1}
        elements: {age: years, sex: {column: gender, values: {f: 0, m: 1}}}
        sites:
          - {name: A}
          - name: B
            title: Hospital B
            data: b
            table: {files: "images/*/*.png"}
            exclude-incomplete: true
            elements: {age: {column: alter}}
            where: {kept: [0, 1]}
          - name: C
            table:
              npz: x.npz
              parts: [train]
              derive:
                - {name: first, from: part, characters: [1, 2]}
                - {name: other, from: first, lookup: {file: l.csv, key: k, value: v}}
        """)
    guard case .list(let sites) = file.layout else {
      Issue.record("expected a list")
      return
    }
    #expect(
      sites[0].table == .init(source: .csv(file: "a.csv", columns: nil, delimiter: nil), missing: ["?"]))
    #expect(sites[0].rows == ["kept": ["1"]])
    #expect(sites[1].table.source == .files(pattern: "images/*/*.png"))
    #expect(sites[1].rows == ["kept": ["0", "1"]])
    #expect(sites[1].excludeIncomplete)
    #expect(sites[1].elements["age"]?.source == .column("alter"))
    #expect(sites[1].elements["sex"]?.values == ["f": "0", "m": "1"])
    #expect(sites[2].table.source == .npz(file: "x.npz", parts: ["train"]))
    #expect(sites[2].table.derive.map(\.characters) == [1...2, nil])
    #expect(sites[2].table.derive[1].lookup == .init(file: "l.csv", key: "k", value: "v"))
    for site in sites { #expect(try SiteDefinition(canonicalJSON: site.canonicalJSON()) == site) }
  }

  @Test func partitionNumbersItsSites() throws {
    let file = try SiteFile(
      yaml:
        "table: {file: a.csv}\nsites: {partition: {method: dirichlet, count: 3, alpha: 0.5, label: disease, seed: 4}}"
    )
    let sites = try file.sites(for: Study(yaml: heartSketch), dataRoot: URL(filePath: "/nowhere"))
    #expect(sites.map(\.name.rawValue) == ["site-1", "site-2", "site-3"])
    #expect(sites.map { $0.share?.index } == [0, 1, 2])
    #expect(
      sites[0].share?.partition == .init(method: .dirichlet, count: 3, alpha: 0.5, label: "disease", seed: 4))
    #expect(try SiteDefinition(canonicalJSON: sites[1].canonicalJSON()) == sites[1])
  }

  /// In a real federation, no hospital describes another hospital's data.
  @Test func hospitalsOwnFileNeedsNoOtherSite() throws {
    let study = try Study(yaml: lggSketch)
    let yaml = """
      table: {file: patients.csv}
      sites: [{name: DU}]
      elements: {flair: {file: "{patient}.nii.gz"}, lesion: {file: "{patient}-mask.nii.gz"}, patient: patient}
      """
    let nowhere = URL(filePath: "/nowhere")
    #expect(throws: StudyDiagnostics.self) { try SiteFile(yaml: yaml, study: study) }
    let file = try SiteFile(yaml: yaml, file: "du.yaml", study: study, hasAllSites: false)
    #expect(try file.site(SiteID("DU"), dataRoot: nowhere).name == SiteID("DU"))
    let error = #expect(throws: ConsiliumError.self) { try file.site(SiteID("DX"), dataRoot: nowhere) }
    #expect(error?.message == "du.yaml: describes DU, not this site, 'DX'. Did you mean 'DU'?")
  }

  @Test func missingRequiredSitesAreAnError() throws {
    let folder = try TestFolder([
      "lgg/patients.csv": "patient,institution,age\na,DU,1\nb,HT,2\nc,SC,3\nd,FG,4\n"
    ])
    let study = try Study(yaml: lggSketch)
    let file = try SiteFile(
      yaml: lggSites.replacing(", only: [DU, HT, CS, FG]", with: ""), file: "s.yaml", study: study)
    do {
      _ = try file.sites(for: study, dataRoot: folder.url)
      Issue.record("a required site is missing")
    } catch {
      #expect(
        "\(error)"
          == "s.yaml: the study requires 'CS', but the file has the sites DU, FG, HT, SC. Did you mean 'SC'?")
    }
  }

  @Test(arguments: [
    (
      "only: [DU, HT, CS, FG]", "only: [DU, HT, CS, FU]",
      "3:1: error: sites: the study requires the site 'FG', which the file does not have. Did you mean 'FU'?"
    ),
    (
      "  patient: patient", "  pateint: patient",
      "7:3: error: elements.pateint: the study has no element 'pateint'. Did you mean 'patient'?"
    ),
    (
      "  flair: {file: \"flair/{patient}.nii.gz\"}\n", "",
      "4:1: error: elements: the study requires the image 'flair'; state where its files are, such as {file: \"images/{patient}.nii.gz\"}"
    ),
    (
      "data: lgg", "data: ../lgg",
      "1:1: error: data: '../lgg' must be relative and must not leave its folder; give the folder above all data as the data root"
    ),
    (
      "file: patients.csv", "file: /etc/passwd",
      "2:1: error: table: '/etc/passwd' must be relative and must not leave its folder; give the folder above all data as the data root"
    ),
    (
      "{255: 1}", "{255: 2}",
      "6:52: error: elements.lesion.values.255: '2' is not a code of 'lesion', which has 0, 1"
    ),
    (
      "table: {file: patients.csv}", "table: {flie: patients.csv}",
      "2:1: error: table: expected one of 'file' (a table), 'files' (a pattern) and 'npz'|2:9: error: table.flie: unknown key; expected one of file, columns, delimiter, files, npz, parts, missing, derive, encoding, decimal, thousands, dates. Did you mean 'file'?"
    ),
    ("column: institution, ", "", "3:1: error: sites: expected either 'column' or 'partition'"),
    ("scale: 12", "scale: big", "8:44: error: elements.age.scale: expected a number, found 'big'"),
    (
      "patient: patient", "patient: {column: patient, scale: 2}",
      "7:3: error: elements.patient: only numbers have a scale and an offset"
    ),
  ])
  func oneFault(old: String, new: String, fault: String) throws {
    #expect(lggSites.contains(old))
    let found = try faults(lggSites.replacing(old, with: new)).joined(separator: "|")
    #expect(found == fault)
  }

  @Test(arguments: [
    ("sites: []", "1:8: error: sites: expected at least one site"),
    (
      "data: x", "1:1: error: 'sites' is missing; expected a list of sites, or {column: …}, or {partition: …}"
    ),
    ("sites: [{name: A}]", "1:9: error: sites[0]: 'table' is missing; expected it here or for all sites"),
    (
      "table: {file: a.csv}\nsites: [{name: A}, {name: A}]",
      "2:21: error: sites[1].name: the site 'A' occurs twice"
    ),
    (
      "table: {file: a.csv}\nsites: {partition: {method: dirichlet, count: 2}}",
      "2:9: error: sites.partition: the method 'dirichlet' needs 'alpha'|2:9: error: sites.partition: the method 'dirichlet' needs 'label'"
    ),
    (
      "table: {file: a.csv}\nsites: {partition: {method: iid, count: 0}}",
      "2:41: error: sites.partition.count: expected a whole number from 1 to 100000, found the number 0"
    ),
  ])
  func faultsWithoutAStudy(yaml: String, fault: String) throws {
    let found = try faults(yaml, study: nil).joined(separator: "|")
    #expect(found == fault)
  }
}
