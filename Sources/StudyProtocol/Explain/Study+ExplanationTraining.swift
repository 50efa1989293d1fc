extension Study {
  var trainingText: String {
    let paragraphs = [
      preparation, network, rounds,
      [workflowText, settingsText, swarmText, participation].filter { !$0.isEmpty }.joined(separator: " "),
    ]
    return paragraphs.filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  /// Explains the preprocessing of the data.
  private var preparation: String {
    let steps = preprocessing.map(\.form.words)
    var text = steps.isEmpty ? "" : "Preparation: \(English.list(steps, "and then"))."
    if !augmentation.isEmpty {
      let changes = English.list(augmentation.map(\.form.words))
      text +=
        " While training, images are changed at random, so that the model does not learn them by heart: \(changes)."
    }
    return text
  }

  /// Explains the model and how it learns.
  private var network: String {
    let start =
      model.initialWeights == nil
      ? "It starts from random weights, the same for everybody." : "It starts from given weights."
    return """
      The model is \(model.architecture.descriptor.words). \(start) It learns with \(training.loss.descriptor.words)\(overlap), \
      \(English.count(training.batchSize, "example")) at a time, with \(Self.words(for: training.optimizer.name)) \
      and a learning rate of \(training.optimizer.learningRate.short)\(weighting)\(absentClasses).
      """
  }

  private var overlap: String { training.diceOver == .batch ? " (the overlap of a batch as a whole)" : "" }

  private var absentClasses: String {
    training.absentClasses == .ignore
      ? "; a site learns nothing about classes of which it has no example" : ""
  }

  private var weighting: String {
    switch training.classWeights {
    case .none where training.logitAdjustment != nil:
      """
      ; while it learns, its scores for the classes are shifted by how often each occurs in the site's own training data, and \
      when it is used they are not, so that it judges all classes as if they were equally frequent; the counts stay at the site
      """
    case .none: ""
    case .balanced: "; each site gives its rare classes more weight, by its own counts"
    case .byLabel: "; rare classes have more weight, by weights that are the same at every site"
    }
  }

  private static func words(for optimizer: Optimizer.Name) -> String {
    switch optimizer {
    case .sgd: "stochastic gradient descent"
    case .adam: "the optimizer Adam"
    case .adamw: "the optimizer AdamW"
    }
  }

  /// States the length of the training.
  private var rounds: String {
    let amount =
      switch training.amount {
      case .epochs(let epochs):
        epochs == 1 ? "goes through its training data once" : "goes through its training data \(epochs) times"
      case .steps(let steps): "takes \(English.count(steps, "step")) of training"
      case .fraction(let fraction):
        "goes through \(English.percent(fraction)) of its training data, so its number of steps is in proportion to its data"
      }
    return
      "Training has \(English.count(federation.rounds, "round")). In each round a site \(amount), on its own computer."
  }

  private func participation(_ sampling: Sampling) -> String {
    let (drawn, isOne) =
      switch sampling {
      case .sites(let count): (English.count(count, "site"), count == 1)
      case .fraction(let fraction): ("\(English.percent(fraction)) of the sites", false)
      }
    let failing = federation.sites.minimum.map { "with fewer than \($0) of them" } ?? "without one of them"
    return """
      In each round, only \(drawn) \(isOne ? "trains" : "train"), drawn from the study's seed, so that all sites know beforehand \
      who is drawn. Every site is drawn before any is drawn again. A round \(failing) fails.
      """
  }

  private var participation: String {
    if let sampling = federation.sampling { return participation(sampling) }
    let required = federation.sites.required.map(\.rawValue)
    switch (required.isEmpty, federation.sites.minimum) {
    case (true, nil): return "Every site must take part in every round, or the round fails."
    case (true, let minimum?):
      return "At least \(English.count(minimum, "site")) must take part in a round, or it fails."
    case (false, let minimum):
      let more = minimum.map { $0 > required.count ? ", and at least \($0) sites in all" : "" } ?? ""
      return """
        The study needs \(English.list(required))\(more); a round without one of them fails instead of continuing with fewer.
        """
    }
  }
}
