extension StudyCheck {
  func checkFederation() {
    let federation = study.federation
    checkWorkflow()
    let required = federation.sites.required
    if Set(required).count < required.count {
      log.contradiction("each site may be named only once", at: "federation.sites.required")
    }
    if let minimum = federation.sites.minimum, minimum < required.count {
      log.contradiction(
        "\(required.count) sites are required, so fewer cannot make a round", at: "federation.sites.minimum",
        with: "federation.sites.required")
    }
  }

  func checkEvaluation() {
    let evaluation = study.evaluation
    for (index, metric) in evaluation.metrics.enumerated() {
      let path = "evaluation.metrics[\(index)]"
      if !metric.tasks.contains(task) {
        let fitting = Study.Metric.allCases.filter { $0.tasks.contains(task) }.map(\.rawValue)
        log.contradiction(
          "'\(metric.rawValue)' does not fit a \(task.rawValue) study; use \(fitting.joined(separator: ", "))",
          at: path,
          with: "study.task", "evaluation.metrics")
      }
      if evaluation.metrics[..<index].contains(metric) {
        log.contradiction(
          "the metric '\(metric.rawValue)' occurs twice", at: path, with: "evaluation.metrics")
      }
    }
    if !evaluation.metrics.contains(evaluation.selectMetric) {
      log.contradiction(
        "'\(evaluation.selectMetric.rawValue)' is not among the metrics", at: "evaluation.select-metric",
        with: "evaluation.metrics")
    }
    if evaluation.every > study.federation.rounds {
      log.contradiction(
        "the study has only \(study.federation.rounds) rounds", at: "evaluation.every",
        with: "federation.rounds")
    }
    checkAggregation()
    checkSplit(evaluation.split)
    checkValidation(evaluation)
  }

  private func checkAggregation() {
    let path = "evaluation.aggregate"
    guard log.has(path) else { return }
    if task == .segmentation {
      log.contradiction(
        "Dice and distances are averaged over a patient's volumes; remove it", at: path, with: "study.task")
    } else if !study.aggregatesExamples {
      log.contradiction(
        "each record is tested by itself, so there is nothing to aggregate; add an identifier with the role 'group'",
        at: path, with: "elements")
    }
  }

  private func checkSplit(_ split: Study.Split) {
    if let by = split.by, by != study.element(.group)?.name {
      let groups = study.elements.filter { $0.role == .group }.map(\.name)
      log.contradiction(
        "expected the name of the element with the role 'group'.\(groups.first.map { " Did you mean '\($0)'?" } ?? " There is none; add an identifier with this role")",
        at: "evaluation.split.by", with: "elements")
    }
    switch split.method {
    case .fractions(let test, let validation):
      if test <= 0 { log.contradiction("a study needs test data", at: "evaluation.split.test") }
      if test + validation >= 1 {
        log.contradiction("test and validation leave nothing to train on", at: "evaluation.split.test")
      }
    case .assigned(let name, let test, let validation):
      let path = "evaluation.split"
      guard let element = study.element(named: name), element.role == .part else {
        log.contradiction(
          "expected the name of an element with the role 'part'.\(NearestName.hint(for: name, among: study.elements.map(\.name)))",
          at: "\(path).element", with: "elements")
        return
      }
      if test.isEmpty { log.contradiction("a study needs test data", at: "\(path).test") }
      for code in test + validation where element.index(ofCode: code) == nil {
        log.contradiction(
          "'\(code)' is not among the codes of '\(name)': \(element.values.map(\.code).joined(separator: ", "))",
          at: test.contains(code) ? "\(path).test" : "\(path).validation", with: "elements")
      }
      if let both = test.first(where: validation.contains) {
        log.contradiction("'\(both)' is also in the test set", at: "\(path).validation")
      }
    }
  }

  private func checkValidation(_ evaluation: Study.Evaluation) {
    guard !study.hasValidationPart else { return }
    if evaluation.selectBestOn == .validation {
      log.contradiction(
        "the best model cannot be selected on validation data that the split does not have; give the split a validation set, or select `last` or `auto`",
        at: log.has("evaluation.select-best-on") ? "evaluation.select-best-on" : "evaluation.split",
        with: "evaluation.split")
    }
    if evaluation.earlyStopping != nil {
      log.contradiction(
        "early stopping needs validation data, but the split has none", at: "evaluation.early-stopping",
        with: "evaluation.split")
    }
  }
}
