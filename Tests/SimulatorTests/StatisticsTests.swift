import FederatedCore
import FederatedRuntime
import Foundation
import Reporting
import Simulator
import StudyProtocol
import Testing

/// Statistics of a table at two sites, computed by workers and released by gates.
@Suite(
  .enabled(if: FileManager.default.isExecutableFile(atPath: WorkerConfiguration.besideThisProgram().path)),
  .serialized)
struct StatisticsTests {
  private static let yaml = """
    study: {name: clinic, version: 1, title: Clinic, task: classification, seed: 5}
    elements:
      - {name: patient, kind: identifier, role: group}
      - {name: age, kind: number, role: input, unit: year, range: [0, 120]}
      - {name: marker, kind: number, role: input}
      - {name: sex, kind: category, role: input, values: {0: female, 1: male}}
      - {name: disease, kind: category, role: target, values: {0: absent, 1: present}}
    preprocessing: [{standardise: {method: z-score}}]
    model: {architecture: linear}
    training:
      loss: binary-cross-entropy
      optimizer: {name: sgd, learning-rate: 0.1}
      batch-size: 8
      local-epochs: 1
    federation: {workflow: fedavg, rounds: 2}
    evaluation: {metrics: [auc], split: {by: patient, test: 0.3}}

    """

  private struct Patient {
    var site: String
    var age: Double
    var marker: Double
    var sex: Int
  }

  private let patients: [Patient]

  init() {
    var random = RandomStream(seed: 9)
    patients = (0..<420).map { number in
      let isNorth = number < 300
      let noise = (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &random) }
      return Patient(
        site: isNorth ? "north" : "south", age: (isNorth ? 50 : 62) + 9 * noise,
        marker: Double.random(in: 3...8, using: &random), sex: Int.random(in: 0...1, using: &random))
    }
  }

  /// The quantile as numpy defines it.
  private func quantile(_ share: Double, of values: [Double]) -> Double {
    let sorted = values.sorted()
    let place = share * Double(sorted.count - 1)
    let below = Int(place)
    guard below + 1 < sorted.count else { return sorted[below] }
    return sorted[below] + (place - Double(below)) * (sorted[below + 1] - sorted[below])
  }

  private func run(_ policies: [SiteID: SitePolicy] = [:]) async throws -> StudyStatistics {
    let folder = FileManager.default.temporaryDirectory.appending(path: "statistics-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let rows = patients.enumerated().map { number, patient in
      "\(patient.site),p\(number),\(patient.age),\(patient.marker),\(patient.sex),\(number % 3 == 0 ? 1 : 0)"
    }
    try Data((["site,patient,age,marker,sex,disease"] + rows).joined(separator: "\n").utf8)
      .write(to: folder.appending(path: "table.csv"))
    let sites = ["north", "south"].map { name in
      SiteDefinition(
        name: SiteID(name), table: SiteTable(source: .csv(file: "table.csv", columns: nil, delimiter: nil)),
        rows: ["site": [name]])
    }
    let pool = WorkerPool(
      WorkerConfiguration(
        executable: WorkerConfiguration.besideThisProgram(), threads: 1, logDirectory: folder), count: 1)
    let statistics = await Result {
      try await SimulatedStatistics(
        study: try Study(yaml: Self.yaml), sites: sites, dataRoot: folder, policies: policies
      ).run(on: pool, scratch: folder.appending(path: "scratch"))
    }
    await pool.shutDown()
    return try statistics.get()
  }

  @Test func pooledFiguresAreThoseOfAllPatients() async throws {
    let found = try await run()
    #expect(found.items.map(\.title) == ["age", "marker", "sex", "disease"])
    for (item, values) in zip(found.items, [patients.map(\.age), patients.map(\.marker)]) {
      let pooled = try #require(item.pooled)
      let range = try #require(item.range)
      let mean = values.reduce(0, +) / Double(values.count)
      #expect(abs((pooled.mean ?? 0) - mean) < 1e-9)
      for quantile in pooled.quantiles {
        let truth = self.quantile(quantile.share, of: values)
        #expect(abs(quantile.value - truth) < 0.01 * (range.high - range.low), "\(item.title) \(quantile)")
        #expect(quantile.low <= truth && truth <= quantile.high)
      }
    }
    let male = patients.count { $0.sex == 1 }
    #expect(found.items[2].pooled?.classes[1] == .init(male, male))
    #expect(found.items[3].pooled?.classes[1] == .init(140, 140))
    #expect(found.sites.map(\.patients) == [300, 120])
  }

  @Test func eachSiteAnswersByItsOwnPolicy() async throws {
    var strict = SitePolicy()
    strict.release.minimumPatients = 121
    let found = try await run([SiteID("south"): strict])
    #expect(found.sites.map(\.patients) == [300, 0])
    #expect(found.sites[1].note?.contains("fewer than 121 patients") == true)
    #expect(found.items.allSatisfy { $0.sites[1] == nil && $0.sites[0] != nil })
    var silent = SitePolicy()
    silent.release.perSiteMetrics = false
    #expect(try await run([SiteID("north"): silent]).items.allSatisfy { $0.sites[0] == nil })
  }
}

extension Result where Failure == any Error {
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
