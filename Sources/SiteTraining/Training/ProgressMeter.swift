import FederatedCore
import Foundation

/// Reports progress at a steady, low rate. It serves display only and never affects results.
///
/// A loss is reported once enough patients are behind it. So many also have to be behind the steps that
/// follow: the loss of the round less the reported losses would otherwise be that of too few.
struct ProgressMeter {
  private let stepCount: Int
  /// The patients of each step; `nil` if they are unknown.
  private let members: [[UInt64]]?
  private let minimumPatients: Int
  /// The last step after which a loss may be reported, apart from the last of all.
  private let lastLoss: Int
  private(set) var step = 0
  private var lossSum = 0.0
  private var steps = 0
  private var examples = 0
  private var lastReport: Date
  private var patients: Set<UInt64> = []

  /// - Parameters:
  ///   - members: The patients of each step; `nil` if the session was opened without a salt.
  ///   - isForeseeable: Whether every step will have a loss.
  init(started: Date, stepCount: Int, members: [[UInt64]]?, minimumPatients: Int, isForeseeable: Bool) {
    self.stepCount = stepCount
    self.members = members
    self.minimumPatients = minimumPatients
    lastReport = started
    lastLoss =
      minimumPatients <= 1
      ? stepCount : isForeseeable ? Self.lastStep(before: minimumPatients, of: members ?? []) : 0
  }

  /// The last step after which at least `minimum` patients follow; 0 if there is none.
  private static func lastStep(before minimum: Int, of members: [[UInt64]]) -> Int {
    var following: Set<UInt64> = []
    for (step, own) in members.enumerated().reversed() {
      following.formUnion(own)
      if following.count >= minimum { return step }
    }
    return 0
  }

  /// - Parameter loss: `nil` if the step has none.
  mutating func advance(loss: Double?, examples count: Int, at now: Date = Date()) -> TrainingProgress? {
    if let members, loss != nil { patients.formUnion(members[step]) }
    step += 1
    steps += 1
    lossSum += loss ?? 0
    examples += count
    let elapsed = now.timeIntervalSince(lastReport)
    guard elapsed >= 0.25 || step == stepCount else { return nil }
    defer { (examples, lastReport) = (0, now) }
    var progress = TrainingProgress(
      step: step, stepCount: stepCount, loss: nil, examplesPerSecond: Double(examples) / max(elapsed, 1e-6))
    guard step <= lastLoss || step == stepCount, minimumPatients <= 1 || patients.count >= minimumPatients
    else { return progress }
    progress.loss = lossSum / Double(steps)
    progress.patients = members == nil ? nil : PatientSet(patients)
    (steps, lossSum, patients) = (0, 0, [])
    return progress
  }
}
