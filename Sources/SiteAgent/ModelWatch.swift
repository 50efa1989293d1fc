import FederatedCore
import Foundation

/// Compares each model that the coordinator sends with the one before, so that a model of its own making is
/// noticed.
actor ModelWatch {
  private struct Note: Codable {
    var round: Int
    var sketch: ModelSketch
    var steps = LengthHistory()
  }

  private let file: URL
  private let learningRate: @Sendable (Int) -> Double
  private let warn: @Sendable (LengthHistory.Warning) async throws -> Void

  /// - Parameters:
  ///   - learningRate: The study's learning rate of a round.
  ///   - warn: Called before an update of an unusual model is computed.
  init(
    file: URL, learningRate: @escaping @Sendable (Int) -> Double,
    warn: @escaping @Sendable (LengthHistory.Warning) async throws -> Void
  ) {
    self.file = file
    self.learningRate = learningRate
    self.warn = warn
  }

  /// Notes the model from which a round trains.
  func note(_ model: ModelParameters, round: Int) async throws {
    let sketch = ModelSketch(of: model)
    guard var known = JSONNote.read(Note.self, from: file) else {
      return try JSONNote.write(Note(round: round, sketch: sketch), to: file)
    }
    guard round > known.round else { return }
    if let distance = known.sketch.distance(to: sketch) {
      // The model moved in all rounds since the site last trained.
      let step = distance / Double(round - known.round)
      let warning = known.steps.enter(step, at: round, rate: learningRate(known.round))
      if let warning { try await warn(warning) }
    }
    (known.round, known.sketch) = (round, sketch)
    try JSONNote.write(known, to: file)
  }
}

/// A trainer whose models are watched.
struct WatchedTrainer<Base: LocalTrainer>: LocalTrainer {
  let base: Base
  let watch: ModelWatch

  func train(from global: ModelParameters, following instruction: TrainingInstruction) async throws
    -> LocalResult
  {
    try await watch.note(global, round: instruction.round)
    return try await base.train(from: global, following: instruction)
  }

  func evaluate(_ model: ModelParameters, on part: DataPart) async throws -> SiteEvaluation {
    try await base.evaluate(model, on: part)
  }

  func statistics(_ question: StatisticsQuestion) async throws -> SiteStatistics {
    try await base.statistics(question)
  }
}
