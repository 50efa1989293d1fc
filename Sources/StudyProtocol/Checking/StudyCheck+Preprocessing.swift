extension StudyCheck {
  private var dimensions: Int { study.inputs.first?.dimensions ?? 2 }
  private var takesSlices: Int? {
    study.preprocessing.firstIndex { if case .slices = $0 { true } else { false } }
  }

  func checkPreprocessing() {
    for (index, step) in study.preprocessing.enumerated() {
      let path = "preprocessing[\(index)]"
      checkInputs(of: step.descriptor, path)
      // The steps before the slicing step work on volumes.
      let dimensions = takesSlices.map { index < $0 ? 3 : 2 } ?? dimensions
      step.form.check(in: StepContext(study: study, log: log, path: path, dimensions: dimensions))
    }
    checkUniqueness()
    checkImputation()
  }

  private func checkInputs(of step: StepDescriptor, _ path: String) {
    switch step.inputs {
    case .tables where !study.isTabular:
      log.contradiction("this step is for tables, but the inputs are images", at: path, with: "elements")
    case .images where study.isTabular:
      log.contradiction(
        "this step is for images, but the study has none among its inputs", at: path, with: "elements")
    case .tables, .images: break
    }
  }

  private func checkUniqueness() {
    var seen: Set<String> = []
    for (index, step) in study.preprocessing.map(\.descriptor).enumerated()
    where step.isUnique && !seen.insert(step.name).inserted {
      log.contradiction("the step '\(step.name)' occurs twice", at: "preprocessing[\(index)]")
    }
  }

  private func checkImputation() {
    let imputes = study.preprocessing.contains { if case .impute = $0 { true } else { false } }
    guard study.isTabular, !imputes else { return }
    for (index, element) in study.elements.enumerated() where element.role == .input && !element.required {
      log.contradiction(
        "an input that may be missing needs an `impute` step in preprocessing",
        at: "elements[\(index)].required",
        with: "preprocessing")
    }
  }

  func checkAugmentation() {
    for (index, step) in study.augmentation.enumerated() {
      let path = "augmentation[\(index)]"
      if study.isTabular {
        log.contradiction(
          "augmentation is for images, but the study has none among its inputs", at: path, with: "elements")
      }
      step.form.check(in: StepContext(study: study, log: log, path: path, dimensions: dimensions))
    }
  }
}
