import FederatedCore

extension Study {
  /// The training at each site in one round.
  public struct Training: Encodable, Sendable, Equatable {
    /// The treatment of tied event times in the Cox partial likelihood.
    public enum Ties: String, Codable, Sendable, CaseIterable { case breslow, efron }

    /// The voxels over which a Dice overlap is summed: an example's or the whole batch's. A slice without a
    /// lesion has no overlap from which to learn. If the overlap is summed over the whole batch, the false
    /// positives of such a slice count as well (nnU-Net's batch Dice, Isensee et al. 2021).
    public enum DiceOver: String, Codable, Sendable, CaseIterable { case example, batch }

    /// The treatment of classes that a site's own training set lacks. The site either learns that none of its
    /// examples belongs to such a class, or leaves these classes out of the softmax (FedRS, Li and Zhan
    /// 2021).
    public enum AbsentClasses: String, Codable, Sendable, CaseIterable { case learn, ignore }

    /// The arithmetic of training. `auto` selects bf16 if the device is faster with it; the run's record
    /// states the format that was used.
    public enum Precision: String, Codable, Sendable, CaseIterable { case auto, fp32, bf16 }

    public var loss: Loss
    public var classWeights: ClassWeights
    /// The strength τ of the logit adjustment in ``Loss/crossEntropy`` (Menon et al. 2021); `nil` for none.
    /// While a site trains, τ times the logarithm of each class's frequency in its own training set is added
    /// to the model's scores. The finished model is used without this term. The model therefore learns to
    /// tell the classes apart, rather than the class frequencies at its site.
    public var logitAdjustment: Double?
    /// The treatment of classes that a site's own training set lacks; `nil` for the default,
    /// ``AbsentClasses/learn``.
    public var absentClasses: AbsentClasses?
    public var ties: Ties
    public var diceOver: DiceOver
    public var optimizer: Optimizer
    public var schedule: Schedule
    public var batchSize: Int
    /// The number of passes over the site's training data per round. Exactly one of this, `localSteps` and
    /// `localFraction` is set.
    public var localEpochs: Int?
    /// The number of optimizer steps per round.
    public var localSteps: Int?
    /// The fraction of a pass per round: steps in proportion to the site's data (Balachandar et al. 2020).
    public var localFraction: Double?
    /// The largest Euclidean norm of a step's gradient; longer gradients are scaled down.
    public var gradientClip: Double?
    public var precision: Precision
    /// The number of threads per operation. It affects the result, since kernels with a different number of
    /// threads sum in a different order.
    public var threads: Int

    public init(
      loss: Loss, classWeights: ClassWeights = .none, logitAdjustment: Double? = nil,
      absentClasses: AbsentClasses? = nil, ties: Ties = .breslow, diceOver: DiceOver = .example,
      optimizer: Optimizer,
      schedule: Schedule = Schedule(), batchSize: Int, localEpochs: Int? = nil, localSteps: Int? = nil,
      localFraction: Double? = nil, gradientClip: Double? = nil, precision: Precision = .auto,
      threads: Int = 1
    ) {
      self.loss = loss
      self.classWeights = classWeights
      self.ties = ties
      self.logitAdjustment = logitAdjustment
      self.diceOver = diceOver
      self.absentClasses = absentClasses
      self.optimizer = optimizer
      self.schedule = schedule
      self.batchSize = batchSize
      self.localEpochs = localEpochs
      self.localSteps = localSteps
      self.localFraction = localFraction
      self.gradientClip = gradientClip
      self.precision = precision
      self.threads = threads
    }

    private enum CodingKeys: String, CodingKey {
      case loss, ties, optimizer, schedule, precision, threads
      case classWeights = "class-weights"
      case logitAdjustment = "logit-adjustment"
      case absentClasses = "absent-classes"
      case diceOver = "dice-over"
      case batchSize = "batch-size"
      case localEpochs = "local-epochs"
      case localSteps = "local-steps"
      case localFraction = "local-fraction"
      case gradientClip = "gradient-clip"
    }

    /// The amount of training per round; one epoch if it is unset.
    public var amount: TrainingInstruction.Amount {
      if let localSteps { return .steps(localSteps) }
      if let localFraction { return .fraction(localFraction) }
      return .epochs(localEpochs ?? 1)
    }
  }

  /// The weight of each class in the loss.
  public enum ClassWeights: Sendable, Equatable {
    case none
    /// Weights that are inversely proportional to the frequency of each class in the site's own training set.
    /// As in scikit-learn, a class of k among n examples has the weight n / (number of classes × k). A class
    /// that the site lacks gets weight 0. Each site computes its own weights, so counts stay at the site. If
    /// all sites should use the same weights, state the weights by label.
    case balanced
    /// Agreed weights by class label, the same at every site.
    case byLabel([String: Double])
  }

  public struct Optimizer: Codable, Sendable, Equatable {
    public enum Name: String, Codable, Sendable, CaseIterable { case sgd, adam, adamw }

    public var name: Name
    public var learningRate: Double
    /// The momentum; SGD only.
    public var momentum: Double
    /// Whether momentum is Nesterov's; SGD only.
    public var nesterov: Bool
    /// The weight decay: coupled in SGD and Adam, decoupled in AdamW (Loshchilov and Hutter 2019).
    public var weightDecay: Double
    /// The two decay rates of Adam and AdamW.
    public var betas: [Double]

    public init(
      name: Name, learningRate: Double, momentum: Double = 0, nesterov: Bool = false, weightDecay: Double = 0,
      betas: [Double] = [0.9, 0.999]
    ) {
      self.name = name
      self.learningRate = learningRate
      self.momentum = momentum
      self.nesterov = nesterov
      self.weightDecay = weightDecay
      self.betas = betas
    }

    private enum CodingKeys: String, CodingKey {
      case name, momentum, nesterov, betas
      case learningRate = "learning-rate"
      case weightDecay = "weight-decay"
    }
  }
}
