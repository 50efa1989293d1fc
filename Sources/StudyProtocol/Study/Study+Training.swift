import FederatedCore

extension Study {
  /// How each site trains in one round.
  public struct Training: Encodable, Sendable, Equatable {
    /// How tied event times are treated in the Cox partial likelihood.
    public enum Ties: String, Codable, Sendable, CaseIterable { case breslow, efron }

    /// Whose voxels one Dice overlap is summed over. Slices without lesion have no overlap of their own to learn from; over the
    /// whole batch they count as false positives do (nnU-Net's batch Dice, Isensee et al. 2021).
    public enum DiceOver: String, Codable, Sendable, CaseIterable { case example, batch }

    /// What a site does, while it trains, with classes that its own training part lacks: learns on each example that it is none of them,
    /// or leaves them out of the softmax (FedRS, Li and Zhan 2021).
    public enum AbsentClasses: String, Codable, Sendable, CaseIterable { case learn, ignore }

    /// The arithmetic of training; `auto` takes bf16 where the device is faster with it, and the run's record says which.
    public enum Precision: String, Codable, Sendable, CaseIterable { case auto, fp32, bf16 }

    public var loss: Loss
    public var classWeights: ClassWeights
    /// τ of ``Loss/crossEntropy`` with logit adjustment (Menon et al. 2021): while a site trains, τ times the logarithm of how
    /// often each class occurs in its own training part is added to the model's scores; nil for none. The model is used without,
    /// and so learns what tells the classes apart rather than how many of each its site has.
    public var logitAdjustment: Double?
    /// Nil for ``AbsentClasses/learn``, which needs no mention.
    public var absentClasses: AbsentClasses?
    public var ties: Ties
    public var diceOver: DiceOver
    public var optimizer: Optimizer
    public var schedule: Schedule
    public var batchSize: Int
    /// Passes over the site's training data in a round; exactly one of this and `localSteps` is set.
    public var localEpochs: Int?
    /// Optimizer steps in a round.
    public var localSteps: Int?
    /// The largest Euclidean norm of a step's gradient; larger ones are scaled down.
    public var gradientClip: Double?
    public var precision: Precision
    /// Threads for one operation; part of the result, since kernels sum differently with another count.
    public var threads: Int

    public init(
      loss: Loss, classWeights: ClassWeights = .none, logitAdjustment: Double? = nil,
      absentClasses: AbsentClasses? = nil, ties: Ties = .breslow, diceOver: DiceOver = .example,
      optimizer: Optimizer,
      schedule: Schedule = Schedule(), batchSize: Int, localEpochs: Int? = nil, localSteps: Int? = nil,
      gradientClip: Double? = nil, precision: Precision = .auto, threads: Int = 1
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
      case gradientClip = "gradient-clip"
    }

    /// How long a site trains in a round; one epoch where neither is set.
    public var amount: TrainingInstruction.Amount {
      if let localSteps { .steps(localSteps) } else { .epochs(localEpochs ?? 1) }
    }
  }

  /// How much each class counts in the loss.
  public enum ClassWeights: Sendable, Equatable {
    case none
    /// Inversely to how often a class occurs in the site's own training part: n / (classes × n of the class), as in
    /// scikit-learn; a class that the site lacks gets weight 0. Each site computes its own, so no count leaves it; give the
    /// weights by label where all sites should agree on the same ones.
    case balanced
    /// Agreed weights by class label, the same at every site.
    case byLabel([String: Double])
  }

  public struct Optimizer: Codable, Sendable, Equatable {
    public enum Name: String, Codable, Sendable, CaseIterable { case sgd, adam, adamw }

    public var name: Name
    public var learningRate: Double
    /// SGD only.
    public var momentum: Double
    /// SGD only.
    public var nesterov: Bool
    /// Coupled in SGD and Adam, decoupled in AdamW (Loshchilov and Hutter 2019).
    public var weightDecay: Double
    /// Adam and AdamW: the two decay rates.
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
