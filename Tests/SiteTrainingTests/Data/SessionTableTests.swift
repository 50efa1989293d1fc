import FederatedCore
import Foundation
import StudyProtocol
import TestSupport
import Testing
import WorkerProtocol

@testable import SiteTraining

/// Sessions whose records come from tables and from the arrays of npz files.
struct SessionTableTests {
  private func load(_ sites: [SiteDefinition], _ study: Study, in folder: URL) throws -> SessionLoader {
    let request = OpenSession(
      session: "session", study: try study.canonicalJSON(), sites: try sites.map { try $0.canonicalJSON() },
      dataRoot: folder.path, seed: 5, cacheBytes: 1 << 28)
    return try SessionLoader(request, study: study, cache: RecordCache(bound: 1 << 28))
  }

  private static let table = """
    study: {name: table, task: classification, seed: 5}
    elements:
      - {name: a, kind: number, role: input, unit: "1", range: [-1000, 1000]}
      - {name: y, kind: category, role: target, values: {0: absent, 1: present}}
    preprocessing: [{standardise: {method: z-score, using: site}}]
    model: {architecture: linear}
    training: {loss: cross-entropy, optimizer: {name: sgd, learning-rate: 0.1}, batch-size: 4}
    federation: {workflow: fedavg, rounds: 2}
    evaluation: {metrics: [accuracy], split: {test: 0.2}}

    """

  /// Each site's training set has mean 0 and variance 1 by its own statistics, even if sites are pooled.
  @Test func sitesKeepTheirOwnStatisticsWhenPooled() throws {
    try withTemporaryFolder { folder in
      let sites = ["north", "south"].map {
        SiteDefinition(
          name: SiteID($0), table: SiteTable(source: .csv(file: "\($0).csv", columns: nil, delimiter: nil)))
      }
      for (site, shift) in [("north", 0), ("south", 500)] {
        let rows = (0..<10).map { "\(shift + $0 * $0),\($0 % 2)" }
        try Data((["a,y"] + rows).joined(separator: "\n").utf8)
          .write(to: folder.appending(path: "\(site).csv"))
      }
      let data = try #require(try load(sites, Study(yaml: Self.table), in: folder).data)
      #expect(data.description.map(\.examples) == [13, 2, 5])
      for site in sites {
        let training = data.patients(in: .training).filter { $0.site == site.name }.flatMap(\.examples)
        let values = try data.source.batch(training[...], augmentationSeeds: nil).inputs.map { Double($0) }
        let count = Double(values.count)
        #expect([6, 7].contains(values.count))
        #expect(abs(values.reduce(0, +) / count) < 1e-6)
        let squares = values.map { $0 * $0 }.reduce(0, +)
        #expect(abs(squares / count - 1) < 1e-6)
      }
    }
  }

  private static let stack = """
    study: {name: stack, task: classification, seed: 5}
    elements:
      - {name: picture, kind: image, role: input, dimensions: 2, channels: 1}
      - {name: y, kind: category, role: target, values: {0: absent, 1: present}}
    model: {architecture: cnn, channels: [4]}
    training: {loss: cross-entropy, optimizer: {name: sgd, learning-rate: 0.1}, batch-size: 4}
    federation: {workflow: fedavg, rounds: 2}
    evaluation: {metrics: [accuracy], split: {test: 0.2}}

    """

  private static let stackSite = SiteDefinition(
    name: SiteID("north"), table: SiteTable(source: .npz(file: "x.npz", parts: ["all"])),
    elements: [
      "picture": ElementMapping(source: .npz(file: "x.npz", array: "{part}_images")),
      "y": ElementMapping(source: .npz(file: "x.npz", array: "{part}_labels")),
    ])

  /// Ten pictures of 2 × 2 pixels, in the order of the file.
  private func writeStack(labels: [Float], to folder: URL) throws {
    let file = ImageFiles.npz([
      (name: "all_images", shape: [10, 2, 2], values: (0..<40).map { Float($0) }),
      (name: "all_labels", shape: [10], values: labels),
    ])
    try file.write(to: folder.appending(path: "x.npz"))
  }

  @Test func anArrayIsAStackOfImages() throws {
    try withTemporaryFolder { folder in
      try writeStack(labels: [0, 1, 0, 1, 0, 1, 1, 1, 1, 1], to: folder)
      let loaded = try load([Self.stackSite], Study(yaml: Self.stack), in: folder)
      #expect(loaded.errors.isEmpty)
      let source = try #require(loaded.data).source
      #expect(source.exampleCount == 10 && source.exampleShape == [1, 2, 2])
      let batch = try source.batch([3, 0, 9], augmentationSeeds: nil)
      #expect(batch.inputs == [12, 13, 14, 15, 0, 1, 2, 3, 36, 37, 38, 39])
      if case .classes(let labels) = batch.target {
        #expect(labels == [1, 0, 1])
      } else {
        Issue.record("no classes")
      }
      #expect(try source.classCounts(of: Array(0..<10), classCount: 2) == [3, 7])
    }
  }

  /// A table can state which item of which array belongs to which record.
  @Test func aTableCanPointIntoAnArray() throws {
    try withTemporaryFolder { folder in
      try writeStack(labels: [0, 1, 0, 1, 0, 1, 1, 1, 1, 1], to: folder)
      let rows = [(7, 1), (2, 0), (5, 1), (0, 0), (9, 1), (4, 0)]
      let table = "stack,index,y\n" + rows.map { "all,\($0),\($1)\n" }.joined()
      try Data(table.utf8).write(to: folder.appending(path: "table.csv"))
      let site = SiteDefinition(
        name: SiteID("north"),
        table: SiteTable(source: .csv(file: "table.csv", columns: nil, delimiter: nil)),
        elements: ["picture": ElementMapping(source: .npz(file: "x.npz", array: "{stack}_images"))])
      let loaded = try load([site], Study(yaml: Self.stack), in: folder)
      #expect(loaded.errors.isEmpty)
      let batch = try #require(loaded.data).source.batch([0, 3], augmentationSeeds: nil)
      #expect(batch.inputs == [28, 29, 30, 31, 0, 1, 2, 3])

      try Data((table + "all,10,1\n").utf8).write(to: folder.appending(path: "table.csv"))
      let beyond = try load([site], Study(yaml: Self.stack), in: folder)
      #expect(beyond.errors.map(\.message) == ["the array has no item of the row's index"])
      #expect(beyond.errors.map(\.places) == [["table.csv:8"]])
    }
  }

  @Test(arguments: [Float(0.5), 1e30, .nan]) func codesThatAreNotWholeAreRefused(code: Float) throws {
    try withTemporaryFolder { folder in
      try writeStack(labels: [0, 1, 0, 1, 0, 1, 0, 1, 0, code], to: folder)
      let error = #expect(throws: ConsiliumError.self) {
        try load([Self.stackSite], Study(yaml: Self.stack), in: folder)
      }
      #expect(error?.code == .invalidInput)
      #expect(error?.message.contains("array 'all_labels'") == true)
      #expect(error?.message.contains("not whole") == true)
    }
  }

  /// The counts that the data's own description states: normal and pneumonia in each part.
  @Test(.enabled(if: RealData.root(holding: "pneumonia-cxr") != nil))
  func radiographCountsMatchTheirDescription() throws {
    let root = try #require(RealData.root(holding: "pneumonia-cxr"))
    let folder = RealData.examples.appending(path: "pneumonia-cxr")
    let study = try Study(file: folder.appending(path: "study.yaml"))
    let sites = try SiteFile(file: folder.appending(path: "sites.yaml"), study: study)
      .sites(for: study, dataRoot: root)
    let loaded = try load(sites, study, in: root)
    #expect(loaded.errors.isEmpty)
    // The collection contains a few pictures twice.
    #expect(loaded.findings.contains { $0.message.contains("the same scan") })
    let data = try #require(loaded.data)
    #expect(data.description.map(\.examples) == [4707, 524, 624])
    let counts = try DataPart.allCases.map {
      try data.source.classCounts(of: data.examples(in: $0), classCount: 2)
    }
    #expect(counts == [[1213, 3494], [135, 389], [234, 390]])
    #expect(Set(data.patients.map(\.site.rawValue)) == ["site-1", "site-2", "site-3", "site-4"])
    #expect(data.source.exampleShape == [1, 28, 28])
  }
}
