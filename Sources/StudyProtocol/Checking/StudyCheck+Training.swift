extension StudyCheck {
  func checkModel() {
    let model = study.model
    let name = model.architecture.rawValue
    let descriptor = model.architecture.descriptor
    let fits = fits(model.architecture)
    if !fits {
      let purpose: Study.Model.Architecture.Descriptor.Purpose =
        task == .segmentation ? .segmentation : study.isTabular ? .tables : .wholeImages
      let better = Study.Model.Architecture.allCases.filter { $0.descriptor.purpose == purpose }
      log.contradiction(
        "'\(name)' does not fit a \(task.rawValue) study of \(study.isTabular ? "tables" : "images"); use \(English.list(better.map(\.rawValue), "or"))",
        at: "model.architecture", with: "study.task", "elements")
    } else if study.inputs.first?.dimensions == 3, !descriptor.dimensions.contains(3) {
      log.contradiction("'\(name)' takes images of 2 dimensions", at: "model.architecture", with: "elements")
    }
    let known = descriptor.settings.map(\.name)
    refuse(
      Study.Model.Architecture.settingKeys.filter { !known.contains($0) },
      in: "model", because: "the architecture '\(name)' has no such setting", with: "model.architecture")
    if model.architecture == .unet { checkUNet(model) }
    if fits, model.normalisesWholeImages, study.training.batchSize == 1 {
      log.contradiction(
        "batch normalisation takes its statistics over the examples of a batch, so it needs two or more; set a larger batch size, or model.norm: group",
        at: "training.batch-size", with: "model")
    }
  }

  private func fits(_ architecture: Study.Model.Architecture) -> Bool {
    switch architecture.descriptor.purpose {
    case .segmentation: task == .segmentation
    case .tables: study.isTabular
    case .wholeImages: task != .segmentation && !study.isTabular
    }
  }

  private func checkUNet(_ model: Study.Model) {
    if model.channels.count < 2 {
      log.contradiction("a U-Net has at least two levels", at: "model.channels")
    } else if model.strides.count != model.channels.count - 1 {
      log.contradiction(
        "expected \(model.channels.count - 1) strides, one from each of the \(model.channels.count) levels to the next",
        at: "model.strides", with: "model.channels")
    }
    let total = model.strides.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
    if let size = finalSize, let bad = size.first(where: { $0 % max(1, total) != 0 }) {
      log.contradiction(
        "the strides divide each side by \(total) in total, but the images' side \(bad) is not a multiple of it; change the size in preprocessing",
        at: log.has("model.strides") ? "model.strides" : "model.channels", with: "preprocessing")
    }
  }

  /// The size of the images that the model sees; `nil` if the study does not fix it.
  private var finalSize: [Int]? {
    study.preprocessing.reduce(nil as [Int]?) { size, step in step.form.size(after: size) }
  }

  func checkTraining() {
    let loss = study.training.loss
    if !loss.descriptor.tasks.contains(task) {
      let fitting = Study.Training.Loss.allCases.filter { $0.descriptor.tasks.contains(task) }
      log.contradiction(
        "'\(loss.rawValue)' does not fit a \(task.rawValue) study; use \(fitting.map(\.rawValue).joined(separator: ", "))",
        at: "training.loss", with: "study.task")
    } else if loss == .binaryCrossEntropy, let count = study.classCount, count != 2 {
      log.contradiction(
        "binary cross-entropy is for two classes, but the target has \(count)", at: "training.loss",
        with: "elements")
    }
    for setting in [Study.Training.Loss.Setting.ties, .diceOver] where !has(setting) {
      refuse([setting.rawValue], in: "training", because: setting.refusal, with: "training.loss")
    }
    checkClassWeights()
    checkLogitAdjustment()
    checkAbsentClasses()
    checkOptimizer()
    checkSchedule()
  }

  /// Whether the study's loss has the setting.
  private func has(_ setting: Study.Training.Loss.Setting) -> Bool {
    study.training.loss.descriptor.settings.contains(setting)
  }

  private func checkClassWeights() {
    let path = "training.class-weights"
    guard study.training.classWeights != .none else { return }
    if !has(.classWeights) {
      log.contradiction(
        "the loss '\(study.training.loss.rawValue)' has no class weights", at: path, with: "training.loss")
    }
    guard case .byLabel(let weights) = study.training.classWeights, let target = study.element(.target) else {
      return
    }
    let labels = target.values.map(\.label)
    for name in weights.keys.sorted() where !labels.contains(name) {
      log.contradiction(
        "the target has no label '\(name)'.\(NearestName.hint(for: name, among: labels))",
        at: "\(path).\(name)",
        with: "elements")
    }
    let absent = labels.filter { weights[$0] == nil }
    if !absent.isEmpty {
      log.contradiction(
        "there is no weight for \(absent.map { "'\($0)'" }.joined(separator: ", "))", at: path,
        with: "elements")
    }
  }

  private func checkLogitAdjustment() {
    guard study.training.logitAdjustment != nil else { return }
    let path = "training.logit-adjustment"
    if !has(.logitAdjustment) {
      log.contradiction(
        Study.Training.Loss.Setting.logitAdjustment.refusal, at: path, with: "training.loss")
    }
    if study.training.classWeights != .none {
      log.contradiction(
        "logit adjustment and class weights both compensate for rare classes, so together they would do it twice; keep one of them",
        at: path, with: "training.class-weights")
    }
  }

  private func checkAbsentClasses() {
    guard study.training.absentClasses != nil else { return }
    let path = "training.absent-classes"
    if !has(.absentClasses) {
      log.contradiction(Study.Training.Loss.Setting.absentClasses.refusal, at: path, with: "training.loss")
    }
    if study.training.logitAdjustment != nil {
      log.contradiction(
        "logit adjustment has its own rule for classes that a site lacks; keep one of them", at: path,
        with: "training.logit-adjustment")
    }
  }

  private func checkOptimizer() {
    let optimizer = study.training.optimizer
    let path = "training.optimizer"
    if optimizer.name == .sgd {
      refuse(["betas"], in: path, because: "betas are for adam and adamw", with: "\(path).name")
      if optimizer.nesterov, optimizer.momentum == 0 {
        log.contradiction(
          "Nesterov momentum needs a momentum above 0", at: "\(path).nesterov", with: "\(path).momentum")
      }
    } else {
      refuse(
        ["momentum", "nesterov"], in: path, because: "this setting is for sgd", with: "\(path).name")
    }
  }

  private func checkSchedule() {
    let schedule = study.training.schedule
    let path = "training.schedule"
    if schedule.name == .step, schedule.stepRounds == nil {
      log.contradiction("the schedule 'step' needs 'step-rounds'", at: path, with: "\(path).name")
    }
    if schedule.name != .step, schedule.stepRounds != nil {
      log.contradiction(
        "this setting is for the schedule 'step'", at: "\(path).step-rounds", with: "\(path).name")
    }
    if schedule.warmupRounds > 0, schedule.warmupRounds >= study.federation.rounds {
      log.contradiction(
        "the warm-up takes all \(study.federation.rounds) rounds", at: "\(path).warmup-rounds",
        with: "federation.rounds")
    }
  }
}
