extension Study.Model {
  init(reading map: MappingReader) {
    let width = NumberRule.from(1, to: 65536)
    self.init(
      architecture: map.choice("architecture"),
      channels: map.integers("channels", width),
      strides: map.integers("strides", .from(1, to: 16)),
      residualUnits: map.integer("residual-units", .from(0, to: 16), default: 0),
      dropout: map.number("dropout", .belowOne, default: 0),
      hidden: map.integers("hidden", width),
      seed: map.optional("seed")?.seed(),
      initialWeights: map.optional("initial-weights")?.text("the path of a safetensors file"))
    norm = map.choice("norm", default: architecture == .unet ? .instance : .batch)
    switch architecture {
    case .unet:
      if channels.isEmpty {
        _ = map.required("channels", "the channels of each level, such as [16, 32, 64, 128]")
      }
      if !map.log.has(map.path("strides")) {
        strides = Array(repeating: 2, count: max(0, channels.count - 1))
      }
      if !map.log.has(map.path("residual-units")) { residualUnits = 2 }
    case .cnn:
      if channels.isEmpty { channels = [16, 32, 64] }
    case .mlp:
      if hidden.isEmpty { _ = map.required("hidden", "the width of each hidden layer, such as [64, 32]") }
    default: break
    }
  }
}

extension Study.Training {
  init(reading map: MappingReader) {
    let count = NumberRule.from(1, to: 1_000_000)
    self.init(
      loss: map.choice("loss"),
      classWeights: Study.ClassWeights(reading: map.optional("class-weights")),
      // Treat 0 like an absent key, which has the same meaning.
      logitAdjustment: map.number("logit-adjustment", .within(0...10)).flatMap { $0 == 0 ? nil : $0 },
      // Treat the default like an absent key, too.
      absentClasses: map.optional("absent-classes")?.choice().flatMap { $0 == .learn ? nil : $0 },
      ties: map.choice("ties", default: .breslow),
      diceOver: map.choice("dice-over", default: .example),
      optimizer: map.requiredMapping("optimizer", Study.Optimizer.init(reading:)),
      schedule: map.mapping("schedule", Study.Schedule.init(reading:)),
      batchSize: map.required("batch-size", "a whole number from 1")?.integer(count) ?? 1,
      localEpochs: map.integer("local-epochs", .from(1, to: 10_000)),
      localSteps: map.integer("local-steps", count),
      localFraction: map.number("local-fraction", .share),
      gradientClip: map.number("gradient-clip", .positive),
      precision: map.choice("precision", default: .auto),
      threads: map.integer("threads", .from(1, to: 1024), default: 1))
    let given = ["local-epochs", "local-steps", "local-fraction"].filter { map.log.has(map.path($0)) }
    if given.count > 1, let last = given.last {
      map.log.add(
        "a round has one of local-epochs, local-steps and local-fraction; keep one of them",
        at: map.path(last))
    } else if given.isEmpty {
      localEpochs = 1
    }
  }
}

extension Study.ClassWeights {
  private enum Name: String, CaseIterable { case none, balanced }

  fileprivate init(reading reader: YAMLReader?) {
    guard let reader else {
      self = .none
      return
    }
    if reader.isMapping {
      self = .byLabel(reader.entries().reduce(into: [:]) { $0[$1.key] = $1.value.number(.notNegative) })
    } else {
      let name: Name? = reader.choice("weights by label, or one of")
      self = name == .balanced ? .balanced : .none
    }
  }
}

extension Study.Optimizer {
  fileprivate init(reading map: MappingReader) {
    self.init(
      name: map.choice("name"),
      learningRate: map.required("learning-rate", "a number above 0")?.number(.positive) ?? 1,
      momentum: map.number("momentum", .belowOne, default: 0),
      nesterov: map.bool("nesterov", default: false),
      weightDecay: map.number("weight-decay", .notNegative, default: 0))
    if let betas = map.optional("betas") {
      let values = betas.list("two numbers such as [0.9, 0.999]").compactMap { $0.number(.belowOne) }
      if values.count == 2 {
        self.betas = values
      } else if betas.isSequence {
        betas.fault("expected two numbers such as [0.9, 0.999]")
      }
    }
  }
}

extension Study.Schedule {
  fileprivate init(reading map: MappingReader) {
    self.init(
      name: map.choice("name", default: .constant),
      warmupRounds: map.integer("warmup-rounds", .from(0, to: 10_000), default: 0),
      stepRounds: map.integer("step-rounds", .from(1, to: 10_000)),
      factor: map.number("factor", .positive, default: 0.1),
      finalFraction: map.number("final-fraction", .fraction, default: 0))
  }
}
