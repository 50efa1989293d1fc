import FederatedCore
import Foundation
import Reporting
import StudyProtocol
import Testing

@testable import StudyRuns

struct StatisticsBuilderTests {
  private let study: Study
  private typealias Count = StudyStatistics.CountRange

  private let grid = StatisticsGrid(low: 0, high: 128)

  init() throws {
    study = try Study(
      yaml: """
        study: {name: clinic, version: 1, title: Clinic, task: classification, seed: 5}
        elements:
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
        evaluation: {metrics: [accuracy], split: {test: 0.3}}

        """)
  }

  /// An answer of patients with these ages. `classes` has the number of patients in each class.
  private func answer(ages: [Double], classes: [Int], minimum: Int = 10) throws -> SiteStatistics {
    let grid = try #require(grid)
    let places = classes.enumerated().flatMap { Array(repeating: $0, count: $1) }
    let own = PatientMeasurements(
      members: ages.indices.map { UInt64($0) },
      items: [
        .init(
          bins: 256, isOrdered: true, canLack: false, places: ages.map(grid.bin), moments: Moments(of: ages)),
        .init(bins: 1, isOrdered: true, canLack: true, places: ages.map { _ in -1 }),
        .init(bins: 3, isOrdered: false, canLack: false, places: places),
      ])
    let rules = ReleaseRules(
      minimumPatients: minimum, metrics: nil, ownFigures: true, calibration: true, confusion: true,
      curves: true,
      replicates: true, intervals: true, images: true)
    return ReleaseGate(rules: rules).release(SiteStatistics(own: own)).content
  }

  private func statistics(_ answers: [SiteStatistics?]) -> StudyStatistics {
    StatisticsBuilder(study, question: .counts([grid, nil, nil])).statistics(
      of: answers.enumerated().map { .init(site: SiteID("s\($0)"), statistics: $1) })
  }

  @Test func pooledMomentsAreThoseOfAllPatients() throws {
    let ages: [[Double]] = [
      (0..<40).map { 30 + Double($0 % 7) }, (0..<25).map { 61.5 + Double($0 * $0 % 11) },
    ]
    let found = statistics([
      try answer(ages: ages[0], classes: [20, 20, 0]), try answer(ages: ages[1], classes: [10, 15, 0]),
    ])
    let all = ages.flatMap(\.self)
    let mean: Double = all.reduce(0, +) / 65
    let squares: Double = all.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
    let deviation = (squares / 64).squareRoot()
    let pooled = try #require(found.items[0].pooled)
    #expect(pooled.patients == 65)
    #expect(abs((pooled.mean ?? 0) - mean) < 1e-12)
    #expect(abs((pooled.standardDeviation ?? 0) - deviation) < 1e-12)
    #expect(pooled.quantiles.map(\.share) == [0.05, 0.25, 0.5, 0.75, 0.95])
    #expect(abs(pooled.histogram.reduce(0, +) - 1) < 1e-9)
    #expect(found.sites.map(\.patients) == [40, 25])
  }

  @Test func joinedClassHasALowerAndAnUpperLimit() throws {
    // All patients have the same age. With several ages, classes whose patients share one age would be
    // joined.
    let ages = (0..<40).map { _ in 50.0 }
    let found = statistics([
      try answer(ages: ages, classes: [20, 15, 5]), try answer(ages: ages, classes: [12, 14, 14]),
    ])
    let stage = found.items[2]
    #expect(stage.sites[0]?.classes == [Count(20, 20), Count(0, 20), Count(0, 20)])
    #expect(stage.sites[1]?.classes == [Count(12, 12), Count(14, 14), Count(14, 14)])
    #expect(stage.pooled?.classes == [Count(32, 32), Count(14, 34), Count(14, 34)])
  }

  @Test func valueThatNobodyHasIsMissingAtEverySite() throws {
    let found = statistics([try answer(ages: (0..<40).map { Double($0) }, classes: [20, 20, 0])])
    #expect(found.items[1].sites[0]?.mean == nil)
    #expect(found.items[1].sites[0]?.missing == Count(0, 40))
    #expect(found.items[1].pooled?.quantiles == [])
  }

  @Test func aSiteThatReleasesNothingIsNamedWithItsReason() throws {
    let found = statistics([
      try answer(ages: (0..<40).map { Double($0) }, classes: [20, 20, 0]),
      try answer(ages: (0..<9).map { Double($0) }, classes: [9, 0, 0]), nil,
    ])
    #expect(found.sites.map(\.patients) == [40, 0, 0])
    #expect(found.sites[0].note == nil)
    #expect(found.sites[1].note?.contains("fewer than 10 records") == true)
    #expect(found.sites[2].note == "it did not answer")
    #expect(found.items[0].sites.map { $0 == nil } == [false, true, true])
    #expect(found.items[0].pooled?.patients == 40)
  }

  @Test func anAnswerThatDoesNotFitTheQuestionIsLeftOut() throws {
    var strange = try answer(ages: (0..<40).map { Double($0) }, classes: [20, 20, 0])
    strange.items[0].cells?.cellOfBin.removeLast(3)
    strange.items[2].cells?.patients[0] += 1
    let found = statistics([strange])
    #expect(found.items[0].sites == [nil])
    #expect(found.items[0].pooled == nil)
    #expect(found.items[2].sites == [nil])
  }
}
