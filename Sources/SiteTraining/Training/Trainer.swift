import FederatedCore
import Foundation
import StudyProtocol
import Torch

/// Trains a network on a session's training set for one round.
struct Trainer {
  let study: Study
  let data: SessionData
  let network: Network
  let session: String

  /// The terms that a workflow adds to the gradients in a round.
  struct Corrections {
    /// The strength with which FedProx pulls the model towards the global model.
    var proximalStrength = 0.0
    /// The vector that SCAFFOLD adds to every gradient.
    var offset: ModelParameters?
  }

  /// Trains from `global` and leaves the result in the network.
  ///
  /// - Throws: ``ConsiliumError`` with code `.diverged` if a loss is not finite.
  func train(
    from global: ModelParameters, amount: TrainingInstruction.Amount, learningRate: Double, seed: UInt64,
    round: Int, corrections: Corrections, report: (TrainingProgress) -> Void
  ) throws -> TrainingSummary {
    let started = Date()
    try network.load(global)
    let examples = data.examples(in: .training)
    let orders = BatchLoader.Order.training(
      exampleCount: examples.count, batchSize: study.training.batchSize, amount: amount, seed: seed,
      isAugmented: !study.augmentation.isEmpty,
      dropSingles: network.layout.entries.contains { $0.role == .buffer }
    ).map { $0.mapping(to: examples) }
    guard !orders.isEmpty else {
      throw ConsiliumError(.invalidInput, "session '\(session)' has no training examples")
    }
    let step = try TrainingStep(
      network: network, study: study, learningRate: learningRate, seed: seed, global: global,
      corrections: corrections)
    let hashes = data.trainingHashes
    var progress = ProgressMeter(stepCount: orders.count, started: started, tellsPatients: hashes != nil)
    var total = 0.0
    try BatchLoader(source: data.source, orders: orders).forEach { batch in
      let loss = try step.take(batch)
      guard loss.isFinite else {
        throw ConsiliumError(Divergence(.loss, round: round, step: progress.step + 1))
      }
      total += loss
      let members = hashes.map { hashes in orders[progress.step].indices.compactMap { hashes[$0] } } ?? []
      if let event = progress.advance(loss: loss, examples: batch.count, of: members) { report(event) }
    }
    return TrainingSummary(
      exampleCount: examples.count, stepCount: orders.count, loss: total / Double(orders.count),
      seconds: Date().timeIntervalSince(started),
      weightedCount: try ClassWeighting.weightedCount(for: study, data: data),
      patients: try hashes.map { try patients(behind: orders, $0) })
  }

  /// The patients whose examples were in the round's batches.
  private func patients(behind orders: [BatchLoader.Order], _ hashes: [Int: UInt64]) throws
    -> TrainingPatients
  {
    let trained = PatientSet(orders.lazy.flatMap(\.indices).compactMap { hashes[$0] })
    guard study.federation.weighting == .classWeights else { return TrainingPatients(trained: trained) }
    let classes = try data.trainingClasses(max(2, study.classCount ?? 2))
    return TrainingPatients(trained: trained, classes: classes.map { PatientSet($0.compactMap(\.hash)) })
  }
}

extension BatchLoader.Order {
  /// The same order with each index replaced: index i becomes `examples[i]`.
  fileprivate func mapping(to examples: [Int]) -> Self {
    Self(indices: indices.map { examples[$0] }[...], augmentationSeeds: augmentationSeeds)
  }
}

/// Reports the progress of training at a steady, low rate. The reports are only displayed and never affect
/// results.
private struct ProgressMeter {
  let stepCount: Int
  private let started: Date
  private(set) var step = 0
  private var lossSum = 0.0
  private var steps = 0
  private var examples = 0
  private var lastReport: Date
  private let tellsPatients: Bool
  private var patients: Set<UInt64> = []

  init(stepCount: Int, started: Date, tellsPatients: Bool) {
    self.stepCount = stepCount
    self.started = started
    self.tellsPatients = tellsPatients
    lastReport = started
  }

  mutating func advance(loss: Double, examples count: Int, of members: [UInt64]) -> TrainingProgress? {
    step += 1
    steps += 1
    lossSum += loss
    examples += count
    patients.formUnion(members)
    let now = Date()
    let elapsed = now.timeIntervalSince(lastReport)
    guard elapsed >= 0.25 || step == stepCount else { return nil }
    defer { (steps, lossSum, examples, patients, lastReport) = (0, 0, 0, [], now) }
    return TrainingProgress(
      step: step, stepCount: stepCount, loss: lossSum / Double(steps),
      examplesPerSecond: Double(examples) / max(elapsed, 1e-6),
      patients: tellsPatients ? PatientSet(patients) : nil)
  }
}
