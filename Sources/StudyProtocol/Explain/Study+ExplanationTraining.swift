extension Study {
  var trainingText: String {
    let paragraphs = [
      preparation, network, rounds,
      [workflowText, settingsText, participation].filter { !$0.isEmpty }.joined(separator: " "),
    ]
    return paragraphs.filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  /// What is done with the data before the model sees them.
  private var preparation: String {
    let steps = preprocessing.map(Self.sentence(of:))
    var text = steps.isEmpty ? "" : "Preparation: \(English.list(steps, "and then"))."
    if !augmentation.isEmpty {
      let changes = English.list(augmentation.map(Self.words(for:)))
      text +=
        " While training, images are changed at random, so that the model does not learn them by heart: \(changes)."
    }
    return text
  }

  private static func sentence(of step: PreprocessingStep) -> String {
    switch step {
    case .reorient(let to): "volumes are turned so that their axes point to \(to)"
    case .slices(let axis):
      switch axis {
      case .z: "the axial slices (along z) of each volume become the examples"
      default: "the slices of each volume along \(axis.rawValue) become the examples"
      }
    case .resample(.size(let size)): "images are resampled to \(English.size(size)) pixels"
    case .resample(.spacing(let spacing)):
      "images are resampled to \(spacing.map(\.short).joined(separator: " × ")) mm a pixel"
    case .cropOrPad(let size): "images are cropped or padded to \(English.size(size)) pixels"
    case .normalise(let normalisation): words(for: normalisation)
    case .impute(let method): words(for: method)
    case .standardise(let standardisation): words(for: standardisation)
    }
  }

  private static func words(for normalisation: IntensityNormalisation) -> String {
    let scope =
      "of each \(normalisation.per.rawValue)\(normalisation.nonzero ? ", background left out," : "")"
    return switch normalisation.method {
    case .zScore: "the intensities \(scope) are brought to mean 0 and standard deviation 1"
    case .percentile:
      "the intensities \(scope) between percentiles \((normalisation.lower ?? 1).short) and \((normalisation.upper ?? 99).short) are brought to 0 to 1"
    case .window:
      "the intensities are windowed at level \((normalisation.level ?? 0).short), width \((normalisation.width ?? 1).short)"
    case .scale:
      "the stored intensities \((normalisation.lower ?? 0).short) to \((normalisation.upper ?? 1).short) become 0 to 1"
    }
  }

  private static func words(for method: ImputationMethod) -> String {
    switch method {
    case .median, .mean:
      "a missing number becomes the \(method == .median ? "median" : "mean") of the site's own training data, and a missing category the most frequent one"
    case .zero: "a missing number becomes 0"
    case .constant(let value): "a missing number becomes \(value.short)"
    }
  }

  private static func words(for standardisation: Standardisation) -> String {
    switch (standardisation.method, standardisation.using) {
    case (.range, .elements):
      "numbers are brought to 0 to 1 by the ranges given above, the same at every site"
    case (.range, .site):
      "numbers are brought to 0 to 1 by the lowest and highest of the site's own training data"
    case (.zScore, _):
      "numbers are brought to mean 0 and standard deviation 1 over the site's own training data"
    }
  }

  private static func words(for step: AugmentationStep) -> String {
    switch step {
    case .flip(let axes, _): "mirrored along \(English.list(axes.map(\.rawValue), "or"))"
    case .rotate(let degrees, _): "turned by up to \(degrees.short)°"
    case .scale(let range, _): "zoomed by \(range.lowerBound.short) to \(range.upperBound.short)"
    case .intensity: "made lighter or darker"
    case .noise: "overlaid with noise"
    }
  }

  /// The model and how it learns.
  private var network: String {
    let start =
      model.initialWeights == nil
      ? "It starts from random weights, the same for everybody." : "It starts from given weights."
    return """
      The model is \(Self.words(for: model.architecture)). \(start) It learns with \(Self.words(for: training.loss))\(overlap), \
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
    case .byLabel: "; rare classes count more, by weights that are the same at every site"
    }
  }

  private static func words(for optimizer: Optimizer.Name) -> String {
    switch optimizer {
    case .sgd: "stochastic gradient descent"
    case .adam: "the optimizer Adam"
    case .adamw: "the optimizer AdamW"
    }
  }

  private static func words(for architecture: Model.Architecture) -> String {
    switch architecture {
    case .linear: "a linear one, one coefficient for each value"
    case .mlp: "a multilayer perceptron, a small neural network for tables"
    case .cnn: "a small convolutional neural network"
    case .resnet18, .resnet34, .resnet50:
      "a residual network with \(architecture.rawValue.dropFirst(6)) layers (ResNet)"
    case .densenet121: "a densely connected network with 121 layers (DenseNet)"
    case .unet: "a U-Net, the usual network for outlining structures"
    }
  }

  private static func words(for loss: Training.Loss) -> String {
    switch loss {
    case .crossEntropy: "cross-entropy as its measure of error"
    case .binaryCrossEntropy: "binary cross-entropy (as logistic regression does)"
    case .dice: "the Dice overlap as its measure of error"
    case .diceCrossEntropy: "Dice overlap and cross-entropy as its measure of error"
    case .focal: "the focal loss, which dwells on difficult examples"
    case .cox: "the Cox partial likelihood (proportional hazards)"
    }
  }

  /// How long it takes.
  private var rounds: String {
    let amount =
      switch training.amount {
      case .epochs(let epochs):
        epochs == 1 ? "goes through its training data once" : "goes through its training data \(epochs) times"
      case .steps(let steps): "takes \(English.count(steps, "step")) of training"
      }
    return
      "Training has \(English.count(federation.rounds, "round")). In each round a site \(amount), on its own computer."
  }

  private var participation: String {
    let required = federation.sites.required.map(\.rawValue)
    switch (required.isEmpty, federation.sites.minimum) {
    case (true, nil): return "Every site must take part in every round, or the round fails."
    case (true, let minimum?):
      return "At least \(English.count(minimum, "site")) must take part in a round, or it fails."
    case (false, let minimum):
      let more = minimum.map { $0 > required.count ? ", and at least \($0) sites in all" : "" } ?? ""
      return """
        The study needs \(English.list(required))\(more); a round without one of them fails instead of going on with fewer.
        """
    }
  }
}
