import FederatedCore
import Foundation
import StudyProtocol
import TestSupport
import Testing
import WorkerProtocol

@testable import SiteTraining

struct SessionLoaderTests {
  /// The number of visits of each patient of a site; a visit is a volume of three slices.
  private static let visits = [
    "north": [1, 1, 2, 1, 1, 1, 1, 1, 1, 1], "south": [1, 1, 1, 3, 1],
  ]

  /// Writes the volumes of two sites. Each has a grey value that identifies its patient.
  private func writeData(to folder: URL, broken: [String: Data] = [:]) throws {
    for name in ["images", "masks"] {
      try FileManager.default.createDirectory(
        at: folder.appending(path: name), withIntermediateDirectories: true)
    }
    var table = "site,patient,visit\n"
    for (site, counts) in Self.visits.sorted(by: { $0.key < $1.key }) {
      for (index, count) in counts.enumerated() {
        for visit in 0..<count {
          let file = "\(site)\(index)-\(visit).nii"
          let grey = Float(100 * index + (site == "south" ? 1 : 0))
          // Vary the values slightly; a constant image would cause a warning.
          let image = ImageFiles.nifti((0..<12).map { grey + Float($0 % 4) / 4 }, size: [2, 2, 3])
          // Masks that are all lesion, or all the same, would cause warnings.
          let mask = ImageFiles.nifti((0..<12).map { $0 / 2 == index % 5 ? 0 : 1 }, size: [2, 2, 3])
          try (broken[file] ?? image).write(to: folder.appending(path: "images/\(file)"))
          try mask.write(to: folder.appending(path: "masks/\(file)"))
          table += "\(site),\(site)\(index),\(visit)\n"
        }
      }
    }
    try Data(table.utf8).write(to: folder.appending(path: "table.csv"))
  }

  private func load(_ sites: [String], in folder: URL) throws -> SessionLoader {
    let study = try SmallImages.study(preprocessing: "slices: {axis: z}", norm: "group")
    return try load(sites.map { SmallImages.site($0) }, study, in: folder)
  }

  private func load(_ sites: [SiteDefinition], _ study: Study, in folder: URL) throws -> SessionLoader {
    let request = OpenSession(
      session: "session", study: try study.canonicalJSON(), sites: try sites.map { try $0.canonicalJSON() },
      dataRoot: folder.path, seed: 5, cacheBytes: 1 << 20)
    return try SessionLoader(request, study: study, cache: RecordCache(bound: 1 << 20))
  }

  /// The grey values of a part's examples, which identify its patients.
  private func greys(_ data: SessionData, _ part: DataPart) throws -> [Float] {
    try data.examples(in: part).map {
      try data.source.batch([$0], augmentationSeeds: nil).inputs.first ?? -1
    }
  }

  /// A fifth of the hash values are for the test set and a fifth for the validation set. South's validation
  /// set would be empty, so it gets the patient whose hash is nearest.
  @Test(arguments: [("north", [5, 1, 4], 0), ("south", [3, 1, 1], 1)])
  func patientsAndExamplesAreCounted(site: String, patients: [Int], moves: Int) throws {
    try withTemporaryFolder { folder in
      try writeData(to: folder)
      let loaded = try load([site], in: folder)
      #expect(loaded.findings.map(\.severity) == [DataFinding.Severity](repeating: .warning, count: moves))
      let data = try #require(loaded.data)
      #expect(data.description.map(\.part) == [.training, .validation, .test])
      #expect(data.description.map(\.patients) == patients)
      let visits = try #require(Self.visits[site])
      #expect(data.description.reduce(0) { $0 + $1.examples } == 3 * visits.reduce(0, +))
      for (patient, count) in zip(data.patients, visits) {
        #expect(patient.records.count == count && patient.exampleCount == 3 * count)
      }
    }
  }

  @Test func noPatientIsInTwoParts() throws {
    try withTemporaryFolder { folder in
      try writeData(to: folder)
      let data = try #require(try load(["north", "south"], in: folder).data)
      let examples = DataPart.allCases.flatMap { data.examples(in: $0) }
      #expect(examples.sorted() == Array(0..<data.source.exampleCount))
      let parts = try DataPart.allCases.map { Set(try greys(data, $0)) }
      #expect(parts.reduce(0) { $0 + $1.count } == 15)
      #expect(parts[0].isDisjoint(with: parts[1].union(parts[2])) && parts[1].isDisjoint(with: parts[2]))
    }
  }

  /// Pooling combines the sites' parts and moves nobody from one part to another.
  @Test func aPooledSessionHasEachSitesParts() throws {
    try withTemporaryFolder { folder in
      try writeData(to: folder)
      let pooled = try #require(try load(["north", "south"], in: folder).data)
      #expect(pooled.description.map(\.patients) == [8, 2, 5])
      #expect(pooled.patients.count { $0.site == SiteID("south") } == 5)
      let alone = try ["north", "south"].map { try #require(try load([$0], in: folder).data) }
      for part in DataPart.allCases {
        let separate = try alone.flatMap { try greys($0, part) }
        #expect(try greys(pooled, part) == separate)
      }
    }
  }

  @Test func aSiteWithoutRowsIsAFinding() throws {
    try withTemporaryFolder { folder in
      try writeData(to: folder)
      let west = try load(["west"], in: folder)
      #expect(west.data == nil)
      #expect(west.findings.count == 1)
      let finding = try #require(west.findings.first)
      #expect(finding.severity == .error && finding.site == SiteID("west") && finding.records == 0)
      #expect(finding.message.contains("the site has no data"))
      let pooled = try load(["south", "west"], in: folder)
      #expect(pooled.data?.description.map(\.patients) == [3, 1, 1])
      #expect(pooled.errors == west.findings)
    }
  }

  /// The same problem in several images is one finding; its places are relative to the data root.
  @Test func brokenImagesAreFindings() throws {
    try withTemporaryFolder { folder in
      let cut = ImageFiles.nifti([Float](repeating: 0, count: 12), size: [2, 2, 3]).dropLast(8)
      let wide = ImageFiles.nifti([Float](repeating: 0, count: 18), size: [3, 2, 3])
      try writeData(to: folder, broken: ["north0-0.nii": cut, "north2-1.nii": cut, "south3-0.nii": wide])
      let north = try load(["north"], in: folder)
      #expect(north.errors.count == 1)
      let finding = try #require(north.errors.first)
      #expect(finding.severity == .error && finding.element == "image" && finding.records == 2)
      #expect(finding.places == ["images/north0-0.nii", "images/north2-1.nii"])
      #expect(finding.message.contains("need 48 bytes, but only 40 are left"))
      // One patient is missing, and another has one visit less.
      #expect(north.data?.patients.count == 9 && north.data?.source.exampleCount == 27)
      let south = try load(["south"], in: folder)
      #expect(south.errors.map(\.element) == ["lesion"])
      let difference = "its size 2×2×3 differs from the image's, 3×2×3"
      #expect(south.errors.first?.message.contains(difference) == true)
    }
  }

  /// One volume differs in size from the other volumes, and its mask has the volume's size.
  @Test func anImageOfAnotherShapeIsAFinding() throws {
    try withTemporaryFolder { folder in
      let wide = ImageFiles.nifti((0..<18).map { Float($0) }, size: [3, 2, 3])
      try writeData(to: folder, broken: ["south3-0.nii": wide])
      let mask = ImageFiles.nifti([Float](repeating: 1, count: 18), size: [3, 2, 3])
      try mask.write(to: folder.appending(path: "masks/south3-0.nii"))
      let south = try load(["south"], in: folder)
      #expect(south.errors.map(\.places) == [["images/south3-0.nii"]])
      #expect(south.errors.first?.message.contains("has 3×2 pixels, most have 2×2") == true)
      #expect(south.data?.source.exampleCount == 18 && south.data?.source.exampleShape == [1, 2, 2])
    }
  }

  @Test func noDataAreLeftIfEveryImageIsBroken() throws {
    try withTemporaryFolder { folder in
      let names = (0..<5).flatMap { index in (0..<3).map { "south\(index)-\($0).nii" } }
      let text = Data("patient,age\n1,60\n".utf8)
      try writeData(to: folder, broken: Dictionary(uniqueKeysWithValues: names.map { ($0, text) }))
      let south = try load(["south"], in: folder)
      #expect(south.data == nil)
      #expect(south.errors.map(\.records) == [7] && south.errors.map(\.places.count) == [5])
    }
  }
}

extension SessionLoader {
  /// The findings that prevent a site from training.
  var errors: [DataFinding] { findings.filter { $0.severity == .error } }
}
