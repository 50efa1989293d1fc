import FederatedCore
import Foundation
import StudyProtocol
import TestSupport
import Testing
import WorkerProtocol

@testable import SiteTraining

/// The places of a site's patients, from its files. Expected values are worked out by hand.
struct PatientMeasurerTests {
  private func table(_ rows: String, in folder: URL) throws -> (study: Study, request: OpenSession) {
    let study = try Study(
      yaml: """
        study: {name: clinic, version: 1, title: Clinic, task: classification, seed: 5}
        elements:
          - {name: patient, kind: identifier, role: group}
          - {name: age, kind: number, role: input, unit: year, range: [0, 128]}
          - {name: weight, kind: number, unit: kg, required: false}
          - {name: stage, kind: category, role: target, values: {0: early, 1: late, 2: unknown}}
        model: {architecture: linear}
        training:
          loss: cross-entropy
          optimizer: {name: sgd, learning-rate: 0.1}
          batch-size: 4
          local-epochs: 1
        federation: {workflow: fedavg, rounds: 2}
        evaluation: {metrics: [accuracy], split: {by: patient, test: 0.3}}

        """)
    let site = SiteDefinition(
      name: SiteID("north"), table: SiteTable(source: .csv(file: "table.csv", columns: nil, delimiter: nil)))
    try Data(rows.utf8).write(to: folder.appending(path: "table.csv"))
    return (study, try request(study, site, folder))
  }

  private func request(_ study: Study, _ site: SiteDefinition, _ folder: URL, salt: String? = "s") throws
    -> OpenSession
  {
    OpenSession(
      session: "north", study: try study.canonicalJSON(), sites: [try site.canonicalJSON()],
      dataRoot: folder.path, seed: 5, cacheBytes: 0, patientSalt: salt)
  }

  private func hashes(_ names: String..., at site: String = "north") -> [UInt64] {
    names.map { PatientHash.of($0, at: SiteID(site), salt: "s") }
  }

  private let rows = """
    patient,age,weight,stage
    p1,40,70,0
    p1,44,,1
    p1,48,74,1
    p2,64,,2
    p3,127,50.5,0

    """

  @Test func aPatientHasOnePlaceInEachItem() throws {
    try withTemporaryFolder { folder in
      let (study, request) = try table(rows, in: folder)
      let members = hashes("p3", "p1", "p2")
      let measurer = try PatientMeasurer(study: study, session: request, members: members)
      let grids = [StatisticsGrid(low: 0, high: 128), StatisticsGrid(low: 40, high: 104), nil]
      let found = try measurer.answer(.counts(grids), minimum: 1)
      #expect(found.members == members)
      // Ages 127, 44 and 64 in bins of half a year; weights 50.5 and 72 in bins of a quarter.
      #expect(found.items[0].places == [254, 88, 128])
      #expect(found.items[0].moments?.count == 3)
      #expect(abs((found.items[0].moments?.mean ?? 0) - 235.0 / 3) < 1e-12)
      #expect(found.items[1].places == [42, 128, -1])
      #expect(found.items[1].moments == Moments(count: 2, mean: 61.25, squares: 231.125))
      // The most frequent value of p1 is `late`.
      #expect(found.items[2].places == [0, 1, 2])
      #expect(found.items.map(\.canLack) == [false, true, false])
      #expect(found.items.map(\.isOrdered) == [true, true, false])
    }
  }

  @Test func rangesAreOfNumbersOnly() throws {
    try withTemporaryFolder { folder in
      let (study, request) = try table(rows, in: folder)
      let measurer = try PatientMeasurer(study: study, session: request, members: hashes("p1", "p2", "p3"))
      let found = try measurer.answer(.ranges, minimum: 1)
      #expect(found.items.map(\.bins) == [0, 0, 0])
      // 44 and 127 to a step of 10, as far as the study allows; 50.5 and 72 to a step of 5.
      let ranges = [
        StatisticsRange(low: 40, high: 128, step: 1), StatisticsRange(low: 50, high: 75, step: 0.5), nil,
      ]
      #expect(found.items.map(\.range) == ranges)
      #expect(found.items[1].places == [0, -1, 0])
      #expect(try measurer.answer(.ranges, minimum: 2).items[1].range == nil)
    }
  }

  @Test func binsThatLookCloserThanTheStudyAreRefused() throws {
    try withTemporaryFolder { folder in
      let (study, request) = try table(rows, in: folder)
      let measurer = try PatientMeasurer(study: study, session: request, members: hashes("p1", "p2", "p3"))
      let (declared, weights) = (StatisticsGrid(low: 0, high: 128), StatisticsGrid(low: 40, high: 104))
      let refused: [[StatisticsGrid?]] = [
        [StatisticsGrid(low: 43, high: 45), weights, nil], [declared, weights],
        [declared, StatisticsGrid(low: 71, high: 73), nil],
        [declared, StatisticsGrid(low: 40, high: 104, bins: 100_000), nil],
      ]
      for grids in refused {
        #expect(throws: ConsiliumError.self) { try measurer.answer(.counts(grids), minimum: 1) }
      }
    }
  }

  @Test func aSessionWithoutASaltHasNoStatistics() throws {
    try withTemporaryFolder { folder in
      var (study, request) = try table(rows, in: folder)
      request.patientSalt = nil
      #expect(throws: ConsiliumError.self) {
        try PatientMeasurer(study: study, session: request, members: [])
      }
      study.header.seed = 6
    }
  }

  @Test func imagesAreMeasuredAsTheyAreStored() throws {
    try withTemporaryFolder { folder in
      let study = try SmallImages.study()
      let site = SmallImages.site("a")
      for name in ["images", "masks"] {
        try FileManager.default.createDirectory(
          at: folder.appending(path: name), withIntermediateDirectories: true)
      }
      try Data("site,patient,visit\na,p1,1\na,p1,2\na,p2,1\n".utf8)
        .write(to: folder.appending(path: "table.csv"))
      func write(_ name: String, _ values: [Float], _ mask: [Float], _ spacing: [Float]) throws {
        try ImageFiles.nifti(values, size: [4, 2], spacing: spacing)
          .write(to: folder.appending(path: "images/\(name).nii"))
        try ImageFiles.nifti(mask, size: [4, 2], spacing: spacing)
          .write(to: folder.appending(path: "masks/\(name).nii"))
      }
      try write("p1-1", [0, 0, 0, 0, 1, 1, 2, 4], [0, 0, 0, 0, 0, 0, 0, 0], [0.5, 1, 1])
      try write("p1-2", [0, 0, 0, 0, 0, 0, 0, 4], [0, 0, 0, 0, 0, 0, 1, 1], [1.5, 1, 1])
      try write("p2-1", [4, 4, 4, 4, 2, 2, 2, 2], [0, 0, 0, 0, 0, 0, 0, 0], [2, 1, 1])
      let request = try request(study, site, folder)
      let measurer = try PatientMeasurer(study: study, session: request, members: hashes("p1", "p2", at: "a"))
      let grids = study.statisticsItems.map { item in
        item.source == .intensity ? StatisticsGrid(low: 0, high: 4, bins: 64) : nil
      }
      let found = try measurer.answer(.counts(grids), minimum: 1)
      // Spacing along x and y, size along x and y, intensity, presence and share of the lesion.
      #expect(found.items.map { $0.moments?.mean } == [1.5, 1, 4, 2, nil, nil, 1.0 / 16])
      #expect(found.items[5].places == [1, 0])
      let profiles = found.items[4].profiles
      #expect(profiles[0][0] == 11.0 / 16 && profiles[0][16] == 1.0 / 8 && profiles[0][63] == 1.0 / 8)
      #expect(profiles[1][32] == 0.5 && profiles[1][63] == 0.5)
      #expect(profiles.allSatisfy { abs($0.reduce(0, +) - 1) < 1e-6 })
    }
  }

  @Test func thePatientsOfSmallPartsAreCountedIfTheyAreEnoughTogether() {
    func counted(_ minimum: Int) -> (members: [UInt64], parts: [Int]) {
      let patients = (0..<19).map { index in
        SessionData.Patient(
          site: SiteID("north"), part: index < 12 ? .training : index < 15 ? .validation : .test,
          records: [index..<(index + 1)], hash: UInt64(index))
      }
      return SessionData(source: SmallStudy.data(count: 19).source, patients: patients)
        .counted(minimum: minimum)
    }
    // The parts have 12, 3 and 4 patients.
    #expect(counted(8).members == Array(0..<12))
    #expect(counted(7).members.count == 19)
    #expect(Set(counted(7).parts) == [0, 1])
    #expect(Set(counted(3).parts) == [0, 1, 2])
    // Every part is below the minimum, but all parts together are not.
    #expect(counted(13).members.count == 19)
  }

  @Test func theWorkerAnswersAQuestion() throws {
    try withTemporaryFolder { folder in
      let (study, request) = try table(rows, in: folder)
      let loaded = try SessionLoader(request, study: study, cache: RecordCache(bound: 0))
      let session = try EngineSession(
        request, study: study, data: try #require(loaded.data), findings: [], device: .cpu)
      let answer = try session.summarise(SummariseData(session: "north", question: .ranges, minimum: 1))
      #expect(Set(answer.own?.members ?? []) == Set(hashes("p1", "p2", "p3")))
      #expect(answer.items.isEmpty)
    }
  }
}
