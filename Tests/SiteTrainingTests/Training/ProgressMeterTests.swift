import FederatedCore
import Foundation
import Testing

@testable import SiteTraining

/// The losses in progress reports, and everything that follows from them by subtraction, cover enough patients.
struct ProgressMeterTests {
  /// A round of one step per second, so that every step can be reported.
  private func run(_ members: [[UInt64]], minimum: Int, losses: [Double?]? = nil, isForeseeable: Bool = true)
    -> [TrainingProgress]
  {
    let start = Date(timeIntervalSince1970: 0)
    var meter = ProgressMeter(
      started: start, stepCount: members.count, members: members, minimumPatients: minimum,
      isForeseeable: isForeseeable)
    return members.indices.compactMap { step in
      meter.advance(
        loss: losses.map { $0[step] } ?? Double(step), examples: 1,
        at: start.addingTimeInterval(Double(step + 1)))
    }
  }

  @Test func everyStepIsReportedAndLossesCoverEnoughPatients() {
    var random = RandomStream(seed: 2)
    var reportedLosses = 0
    for _ in 0..<200 {
      let members = (0..<Int.random(in: 1...30, using: &random)).map { _ in
        (0..<Int.random(in: 1...3, using: &random)).map { _ in UInt64.random(in: 0..<12, using: &random) }
      }
      let minimum = Int.random(in: 2...6, using: &random)
      let reports = run(members, minimum: minimum)
      #expect(reports.map(\.step) == Array(1...members.count))
      var begin = 0
      for report in reports where report.loss != nil {
        let steps = begin..<report.step
        begin = report.step
        reportedLosses += 1
        #expect(report.patients == PatientSet(members[steps].joined()))
        #expect(PatientSet(members[steps].joined()).count >= minimum)
        #expect(report.loss == steps.reduce(0.0) { $0 + Double($1) } / Double(steps.count))
      }
      // The loss of the round less the reported ones is that of the steps that remain.
      let rest = PatientSet(members[begin...].joined())
      #expect(rest.count == 0 || rest.count >= minimum || begin == 0)
    }
    #expect(reportedLosses > 100)
  }

  @Test func withoutAMinimumEveryReportHasALoss() {
    #expect(run([[1], [2], [3]], minimum: 1).map(\.loss) == [0, 1, 2])
  }

  /// One patient per step, as with `batch-size: 1`: the first losses wait, and so do the last ones.
  @Test func stepsOfOnePatientAreAddedUp() {
    let losses = run((0..<25).map { [UInt64($0)] }, minimum: 10).map(\.loss)
    #expect(losses.enumerated().filter { $0.element != nil }.map(\.offset) == [9, 24])
    #expect(losses[9] == 4.5 && losses[24] == 17)
  }

  /// Patients of a survival batch without an event are not behind a loss; which batches these are is known late.
  @Test func unforeseeableLossesWaitForTheEnd() {
    let members = (0..<30).map { [UInt64($0)] }
    let losses = run(members, minimum: 10, isForeseeable: false).map(\.loss)
    #expect(losses.dropLast().allSatisfy { $0 == nil } && losses.last != nil)
    let few = run(
      members, minimum: 10, losses: (0..<30).map { $0 < 9 ? 1 : nil }, isForeseeable: false)
    #expect(few.allSatisfy { $0.loss == nil })
  }
}
