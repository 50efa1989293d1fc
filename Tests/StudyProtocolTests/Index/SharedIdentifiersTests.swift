import FederatedCore
import Foundation
import Testing

@testable import StudyProtocol

@Suite struct SharedIdentifiersTests {
  private func study(split: String = "{by: patient, test: 0.3, validation: 0.2}") throws -> Study {
    let role = split.contains("element:") ? ", role: part" : ""
    return try Study(
      yaml: heartSketch.replacing(
        "elements:",
        with: """
          elements:
            - {name: patient, kind: identifier, role: group}
            - {name: fold, kind: category, values: {a: A, b: B, c: C}\(role)}
          """
      ).replacing("split: {test: 0.2}", with: "split: \(split)"))
  }

  private func site(_ name: String, ids: SiteDefinition.IdentifierScope = .shared) -> SiteDefinition {
    SiteDefinition(
      name: SiteID(name), table: .init(source: .csv(file: "\(name).csv", columns: nil, delimiter: nil)),
      ids: ids)
  }

  private func folder(_ ids: [String: Range<Int>], fold: [String: String] = [:]) throws -> TestFolder {
    try TestFolder(
      Dictionary(
        uniqueKeysWithValues: ids.map { name, numbers in
          let rows = numbers.map { "P\($0),50,0,\($0 % 2),\(fold[name] ?? "a")" }
          return ("\(name).csv", (["patient,age,sex,disease,fold"] + rows).joined(separator: "\n"))
        }))
  }

  @Test func countsIdentifiersSharedByTwoSites() throws {
    let folder = try folder(["A": 0..<40, "B": 30..<80, "C": 35..<45, "D": 90..<99])
    let shared = SharedIdentifiers(
      of: ["A", "B", "C", "D"].map { site($0) }, study: try study(), dataRoot: folder.url)
    #expect(shared.findings(of: SiteID("A")) == [])
    #expect(shared.findings(of: SiteID("D")) == [])
    let found = try #require(shared.findings(of: SiteID("B")).first)
    #expect((found.severity, found.rule, found.element) == (.warning, .duplicate, "patient"))
    #expect(
      found.message
        == "10 identifiers of this site also occur at other sites (10 at 'A'); the split keeps each in one set at every site; if they are different people, write `ids: local` in the site file"
    )
    let third = try #require(shared.findings(of: SiteID("C")).first?.message)
    #expect(third.hasPrefix("10 identifiers of this site also occur at other sites (5 at 'A', 10 at 'B'); "))
  }

  @Test func patientOfTwoSitesIsInOneSet() throws {
    let folder = try folder(["A": 0..<300, "B": 100..<250])
    let indexes = try ["A", "B"].map {
      try SiteIndex(reading: site($0), for: study(), dataRoot: folder.url)
    }
    let parts = indexes.map { index in
      Dictionary(uniqueKeysWithValues: index.records.map { ($0.group, index.part(of: $0)) })
    }
    #expect(parts[1].count == 150)
    #expect(parts[1].allSatisfy { parts[0][$0.key] == $0.value })
    #expect(Set(parts[1].values).count == 3)
  }

  @Test func countsIdentifiersInDifferentSets() throws {
    let folder = try folder(["A": 0..<10, "B": 5..<20], fold: ["A": "a", "B": "b"])
    let study = try study(split: "{by: patient, element: fold, test: [b], validation: [c]}")
    let shared = SharedIdentifiers(of: [site("A"), site("B")], study: study, dataRoot: folder.url)
    let message = try #require(shared.findings(of: SiteID("B")).first?.message)
    #expect(
      message.contains(
        "5 of them are in a different set of the split there, so models are tested on people they were trained on"
      ))
  }

  @Test func countsSimilarIdentifiersAtTwoSites() throws {
    let head = "patient,age,sex,disease,fold"
    let folder = try TestFolder([
      "A.csv": "\(head)\nP1,50,0,0,a\nP02,50,0,1,a\nP3,50,0,1,a",
      "B.csv": "\(head)\np1,50,0,0,a\nP2,50,0,1,a\nP3,50,0,1,a\nP4,50,0,1,a",
    ])
    let shared = SharedIdentifiers(
      of: [site("A"), site("B")], study: try study(), dataRoot: folder.url)
    let messages = shared.findings(of: SiteID("B")).map(\.message)
    #expect(messages.count == 2)
    #expect(
      messages[0].hasPrefix("1 identifier of this site also occurs at other sites (1 at 'A'); "))
    #expect(
      messages[1].hasPrefix("2 identifiers of this site differ from one of another site only in case"))
  }

  @Test func localIdentifiersAreNotCompared() throws {
    let folder = try folder(["A": 0..<40, "B": 0..<40])
    for isFirst in [true, false] {
      let sites = [
        site("A", ids: isFirst ? .local : .shared), site("B", ids: isFirst ? .shared : .local),
      ]
      let shared = SharedIdentifiers(
        of: sites, study: try study(), dataRoot: folder.url)
      #expect(["A", "B"].flatMap { shared.findings(of: SiteID($0)) } == [])
    }
  }

  @Test func localIdentifiersAreReadFromTheSiteFile() throws {
    let yaml = "table: {file: a.csv}\nids: local\nsites: [{name: A}, {name: B, ids: shared}]"
    guard case .list(let sites) = try SiteFile(yaml: yaml).layout else {
      Issue.record("expected a list")
      return
    }
    #expect(sites.map(\.ids) == [.local, .shared])
    for site in sites { #expect(try SiteDefinition(canonicalJSON: site.canonicalJSON()) == site) }
    #expect(try sites[0].canonicalJSON().contains(#""ids":"local""#))
    #expect(try !sites[1].canonicalJSON().contains("ids"))
  }

  @Test func movingAPatientToAnEmptySetIsAWarning() throws {
    let folder = try folder(["A": 0..<3])
    let index = try SiteIndex(
      reading: site("A"), for: study(split: "{by: patient, test: 0.01, validation: 0.01}"),
      dataRoot: folder.url)
    let moved = index.findings.filter { $0.rule == .part }
    #expect(moved.map(\.severity) == [.warning, .warning])
    #expect(moved.map(\.records) == [1, 1])
    #expect(
      moved[0].message
        == "by chance, no 'patient' fell into the test set, so the nearest one was moved there; the site has too few for these shares, and another site may have the same 'patient' in a different set"
    )
    #expect(DataPart.allCases.map(index.groupCount) == [1, 1, 1])
  }
}
