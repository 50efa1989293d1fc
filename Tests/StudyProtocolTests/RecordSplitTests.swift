import FederatedCore
import Foundation
import Testing

@testable import StudyProtocol

@Suite struct RecordSplitTests {
  @Test func assignedSplitKeepsPatientsWhole() throws {
    let study = try Study(
      yaml: heartSketch.replacing(
        "elements:",
        with:
          "elements:\n  - {name: fold, kind: category, role: part, values: {a: A, b: B, c: C}}\n  - {name: id, kind: identifier, role: group}"
      ).replacing("split: {test: 0.2}", with: "split: {element: fold, test: [c], validation: [b]}"))
    let csv = "id,age,sex,disease,fold\n1,50,0,0,a\n2,50,0,1,b\n3,50,1,0,c\n"
    let site = SiteDefinition(
      name: SiteID("A"), table: .init(source: .csv(file: "t.csv", columns: nil, delimiter: nil)))
    let folder = try TestFolder(["t.csv": csv])
    let index = try SiteIndex(reading: site, for: study, dataRoot: folder.url)
    #expect(DataPart.allCases.map { index.records(in: $0).map(\.group) } == [["1"], ["2"], ["3"]])
    #expect(DataPart.allCases.map(index.groupCount) == [1, 1, 1])
    let torn = try TestFolder(["t.csv": csv + "3,51,1,0,a\n"])
    let findings = try SiteIndex(reading: site, for: study, dataRoot: torn.url).findings
    #expect(findings.map(\.rule) == [.part])
    #expect(findings.map(\.severity) == [.error])
  }

  /// With this seed, the hash puts four people into the training set, all of one class.
  @Test func missingTrainingClassIsMovedThere() throws {
    let study = try Study(
      yaml: """
        study: {name: field, task: classification, seed: 1}
        elements:
          - {name: age, kind: number, role: input}
          - {name: diagnosis, kind: category, role: target, values: {0: normal, 1: disease}}
          - {name: patient, kind: identifier, role: group}
        model: {architecture: linear}
        training: {loss: cross-entropy, optimizer: {name: sgd, learning-rate: 0.1}, batch-size: 4}
        federation: {workflow: fedavg, rounds: 2}
        evaluation: {metrics: [auc], split: {by: patient, test: 0.34, validation: 0.2}}
        """)
    let site = SiteDefinition(
      name: SiteID("alpha"), table: .init(source: .csv(file: "t.csv", columns: nil, delimiter: nil)))
    let rows = (0..<16).map { String(format: "P%03d,50,%d\n", $0, $0 % 2) }
    let folder = try TestFolder(["t.csv": "patient,age,diagnosis\n" + rows.joined()])
    let index = try SiteIndex(reading: site, for: study, dataRoot: folder.url)
    let training = index.records(in: .training)
    #expect(training.count == 5 && DataPart.allCases.map(index.groupCount).reduce(0, +) == 16)
    #expect(Set(training.map { $0["diagnosis"] }) == [.category(0), .category(1)])
    let moved = index.findings.filter { $0.rule == .part }
    #expect(moved.map(\.severity) == [.warning] && moved.map(\.records) == [1])
    #expect(moved.first?.message.contains("of the class 'normal' fell into the training set") == true)
  }

  private func records(_ count: Int) -> [Record] {
    (0..<count).map { Record(group: "p\($0)", values: ["label": .category($0 % 2)], place: "") }
  }

  @Test func iidPartitionIsEven() {
    let owners = Partition(method: .iid, count: 3, seed: 1).owners(of: records(100))
    let sizes = (0..<3).map { site in owners.values.count { $0 == site } }
    #expect(sizes.sorted() == [33, 33, 34])
    #expect(owners == Partition(method: .iid, count: 3, seed: 1).owners(of: records(100)))
    #expect(owners != Partition(method: .iid, count: 3, seed: 2).owners(of: records(100)))
  }

  @Test func smallAlphaSkewsLabelsAndLargeAlphaDoesNot() {
    func shareOfLabelOne(alpha: Double) -> [Double] {
      let owners = Partition(method: .dirichlet, count: 4, alpha: alpha, label: "label", seed: 5).owners(
        of: records(4000))
      return (0..<4).compactMap { site in
        let own = owners.filter { $0.value == site }.keys
        let ones = own.count { Int($0.dropFirst()).map { $0 % 2 == 1 } ?? false }
        return own.isEmpty ? nil : Double(ones) / Double(own.count)
      }
    }
    #expect(shareOfLabelOne(alpha: 1000).allSatisfy { abs($0 - 0.5) < 0.05 })
    #expect(shareOfLabelOne(alpha: 0.1).contains { abs($0 - 0.5) > 0.3 })
  }

  @Test(arguments: [0.3, 1, 4.5]) func gammaVariatesHaveExpectedMoments(shape: Double) {
    var stream = RandomStream(seed: 11)
    let draws = (0..<40_000).map { _ in Partition.gamma(shape: shape, &stream) }
    let mean = draws.reduce(0, +) / 40_000
    let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 40_000
    // The mean and the variance of the distribution equal its shape. These bounds are more than four standard
    // errors away.
    #expect(abs(mean - shape) < 4.5 * (shape / 40_000).squareRoot())
    #expect(abs(variance - shape) < 0.12 * shape + 0.02)
  }
}
