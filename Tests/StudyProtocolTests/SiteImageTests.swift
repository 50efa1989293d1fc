import FederatedCore
import Foundation
import StudyProtocol
import Testing

@Suite struct SiteImageTests {
  private let study: Study

  init() throws {
    study = try Study(yaml: lggSketch.replacing("required: [DU, HT, CS, FG]", with: "minimum: 1"))
  }

  private func index(_ csv: String, files: [String: String], table: String = "{file: t.csv}") throws
    -> SiteIndex
  {
    let folder = try TestFolder(files.merging(["t.csv": csv]) { $1 })
    let file = try SiteFile(
      yaml: """
        table: \(table)
        elements: {flair: {file: "f/{patient}.nii"}, lesion: {file: "m/{patient}.nii"}}
        sites: [{name: A}]
        """, study: study)
    return try SiteIndex(
      reading: try file.sites(for: study, dataRoot: folder.url)[0], for: study, dataRoot: folder.url)
  }

  @Test func findsFiles() throws {
    let names = ["a", "b", "c"]
    let files = Dictionary(
      uniqueKeysWithValues: names.flatMap { [("f/\($0).nii", "x"), ("m/\($0).nii", "x")] })
    let index = try index("patient\na\nb\nc\n", files: files)
    #expect(index.dataFindings == [])
    guard case .file(let path) = index.records[1]["flair"] else {
      Issue.record("no file")
      return
    }
    #expect(path.hasSuffix("/f/b.nii") && path.hasPrefix("/"))
  }

  @Test func reportsMissingEmptyHostileAndDuplicateFiles() throws {
    let files = [
      "f/a.nii": "x", "m/a.nii": "x", "f/b.nii": "", "m/b.nii": "x", "f/c.nii": "x", "secret.nii": "x",
    ]
    let index = try index("patient\na\na\nb\nc\n../secret\n", files: files)
    let found = index.dataFindings.map {
      "\($0.rule) \($0.element ?? "") \($0.records) \($0.message) \($0.places)"
    }
    #expect(
      found.prefix(5) == [
        "file flair 1 the file is empty [\"f/b.nii\"]",
        "file lesion 1 the file does not exist [\"m/c.nii\"]",
        "file flair 1 the path leaves the site's data folder [\"t.csv:6\"]",
        "file lesion 1 the path leaves the site's data folder [\"t.csv:6\"]",
        "duplicate flair 1 two records have the same image [\"t.csv:3\"]",
      ])
  }

  @Test func filesCanBeTheTable() throws {
    var yaml = """
      study: {name: folders, task: classification}
      elements:
        - {name: photo, kind: image, role: input}
        - {name: class, kind: category, role: target, values: {cat: Cat, dog: Dog}}
      model: {architecture: cnn}
      training: {loss: cross-entropy, optimizer: {name: adam, learning-rate: 0.1}, batch-size: 4}
      federation: {workflow: fedavg, rounds: 5}
      evaluation: {metrics: [auc], split: {test: 0.2}}
      """
    let study = try Study(yaml: yaml)
    yaml = """
      table: {files: "images/*/*.png"}
      elements: {photo: {file: "{file}"}, class: folder}
      sites: [{name: A}]
      """
    let folder = try TestFolder([
      "images/cat/1.png": "x", "images/dog/1.png": "x", "images/dog/2.png": "x", "images/dog/2.txt": "x",
      "images/.hidden/3.png": "x",
    ])
    let site = try SiteFile(yaml: yaml, study: study).sites(for: study, dataRoot: folder.url)[0]
    let index = try SiteIndex(reading: site, for: study, dataRoot: folder.url)
    #expect(index.records.map { $0["class"] } == [.category(0), .category(1), .category(1)])
    #expect(index.dataFindings == [])
  }

  /// Arrays of six items, one of which has a label that is not a class.
  private struct SixItems: ArrayReader {
    func shape(ofArray name: String, inFile file: String) throws -> [Int] {
      guard file.hasSuffix("/x.npz") else { throw ConsiliumError(.invalidInput, "no file") }
      return name.hasSuffix("_images") ? [6, 28, 28] : [6, 1]
    }
    func integers(ofArray name: String, inFile file: String) throws -> [Int] {
      name == "train_labels" ? [0, 1, 0, 1, 0, 1] : [1, 1, 1, 1, 1, 7]
    }
  }

  @Test func arraysCanBeTheTable() throws {
    let study = try Study(file: Examples.folder.appending(path: "pneumonia-cxr/study.yaml"))
    let yaml = """
      table: {npz: x.npz, parts: [train, val]}
      elements: {radiograph: {npz: x.npz, array: "{part}_images"}, finding: {npz: x.npz, array: "{part}_labels"}}
      sites: [{name: A}, {name: B}, {name: C}, {name: D}]
      """
    let folder = try TestFolder(["x.npz": "x"])
    let site = try SiteFile(yaml: yaml, study: study).sites(for: study, dataRoot: folder.url)[0]
    let index = try SiteIndex(reading: site, for: study, dataRoot: folder.url, arrays: SixItems())
    #expect(index.records.count == 11)
    #expect(index.dataFindings.map(\.rule) == [.code])
    #expect(index.dataFindings[0].places == ["x.npz:12"])
    #expect(
      index.records[7]["radiograph"]
        == .item(file: folder.url.appending(path: "x.npz").path, array: "val_images", index: 1))
    #expect(index.records[3]["finding"] == .category(1))
    #expect(index.records(in: .training).count == 6)
    #expect(index.records(in: .validation).count == 5)
    #expect(throws: ConsiliumError.self) { try SiteIndex(reading: site, for: study, dataRoot: folder.url) }
  }
}
