import FederatedCore
import StudyProtocol

extension Trial {
  /// The objection to a study in which a round trains on too few patients; `nil` if every round has enough.
  ///
  /// The batches of a round follow from the study's seed, so they are known before anything is trained.
  func objectionToCoverage() throws -> String? {
    guard minimumPatients > 1 else { return nil }
    let trainer = Trainer(study: study, data: data, network: network, session: site.rawValue)
    guard let patients = try trainer.contributors() else { return nil }
    for round in 1...max(1, study.federation.rounds) {
      let seed = RandomStream.seed(study: seed, purpose: .training, site: site, round: round)
      let orders = trainer.orders(study.training.amount, seed: seed, isAugmented: false)
      guard Set(orders.lazy.flatMap(\.indices).compactMap { patients[$0] }).count < minimumPatients else {
        // Whole passes over the data see the same patients in every round, except for a last batch of one.
        if seesAll, Set(patients.values).count > minimumPatients { return nil }
        continue
      }
      return
        "in round \(round), the update would have fewer than \(minimumPatients) patients behind it, the minimum of "
        + "the site's policy; ask the study lead for \(advice)"
    }
    return nil
  }

  /// Whether a round has at least one pass over the data.
  private var seesAll: Bool {
    let (count, batch) = (data.examples(in: .training).count, study.training.batchSize)
    let pass = TrainingInstruction.Amount.epochs(1).steps(examples: count, batchSize: batch)
    return isWhole || study.training.amount.steps(examples: count, batchSize: batch) >= pass
  }

  private var isWhole: Bool { if case .epochs = study.training.amount { true } else { false } }

  private var advice: String {
    let more =
      isWhole
      ? "a training set of more patients (evaluation.split)"
      : "more training.local-steps or a larger training.local-fraction, a larger training.batch-size, or training.local-epochs"
    guard case .byLabel(let weights) = study.training.classWeights, weights.values.contains(0) else {
      return more
    }
    return more + ", or for training.class-weights above 0"
  }
}
