extension StudyCheck {
  private var dimensions: Int { study.inputs.first?.dimensions ?? 2 }
  private var takesSlices: Int? {
    study.preprocessing.firstIndex { if case .slices = $0 { true } else { false } }
  }

  func checkPreprocessing() {
    for (index, step) in study.preprocessing.enumerated() {
      let path = "preprocessing[\(index)]"
      // Before the slices are taken the steps work on volumes.
      let spatial = takesSlices.map { index < $0 ? 3 : 2 } ?? dimensions
      switch step {
      case .impute, .standardise:
        if !study.isTabular {
          log.contradiction("this step is for tables, and the inputs are images", at: path, with: "elements")
        }
      default:
        if study.isTabular {
          log.contradiction(
            "this step is for images, and the study has none among its inputs", at: path, with: "elements")
        }
      }
      check(step, path: path, spatial: spatial)
    }
    checkOnce()
    checkImputation()
  }

  private func check(_ step: PreprocessingStep, path: String, spatial: Int) {
    switch step {
    case .reorient(let to):
      if !isOrientation(to) {
        log.contradiction(
          "expected three letters, one of R/L, one of A/P and one of S/I, such as RAS",
          at: "\(path).reorient.to")
      }
      if spatial == 2 {
        log.contradiction(
          "only volumes can be reoriented; put it before `slices`", at: path, with: "elements")
      }
    case .slices:
      if dimensions == 3 {
        log.contradiction(
          "slices are images of 2 dimensions, but the input has `dimensions: 3`", at: path, with: "elements")
      }
    case .resample(.size(let size)), .cropOrPad(let size):
      check(count: size.count, path: path, spatial: spatial)
    case .resample(.spacing(let spacing)): check(count: spacing.count, path: path, spatial: spatial)
    case .normalise(let normalisation): check(normalisation, path: "\(path).normalise")
    case .standardise(let standardisation): check(standardisation, path: "\(path).standardise")
    case .impute: break
    }
  }

  private func check(count: Int, path: String, spatial: Int) {
    if count != spatial {
      log.contradiction(
        "expected \(spatial) numbers, for x, y\(spatial == 3 ? ", z" : ""), found \(count)", at: path,
        with: "elements")
    }
  }

  private func check(_ normalisation: IntensityNormalisation, path: String) {
    let allowed: [String] =
      switch normalisation.method {
      case .zScore: []
      case .percentile, .scale: ["lower", "upper"]
      case .window: ["level", "width"]
      }
    for key in ["lower", "upper", "level", "width"] where log.has("\(path).\(key)") && !allowed.contains(key)
    {
      log.contradiction(
        "the method '\(normalisation.method.rawValue)' has no \(key)", at: "\(path).\(key)",
        with: "\(path).method")
    }
    if let lower = normalisation.lower, let upper = normalisation.upper, allowed.contains("lower") {
      if lower >= upper { log.contradiction("'lower' must be below 'upper'", at: "\(path).lower") }
      if normalisation.method == .percentile, lower < 0 || upper > 100 {
        log.contradiction(
          "percentiles are numbers from 0 to 100", at: "\(path).\(lower < 0 ? "lower" : "upper")")
      }
    }
  }

  private func check(_ standardisation: Standardisation, path: String) {
    guard standardisation.using == .elements else { return }
    if standardisation.method == .zScore {
      log.contradiction(
        "the elements declare ranges, not means; use `method: range` or `using: site`", at: "\(path).using")
    }
    for element in study.inputs where element.kind == .number && element.range == nil {
      log.contradiction(
        "the element '\(element.name)' declares no range", at: "\(path).using", with: "elements")
    }
  }

  private func isOrientation(_ code: String) -> Bool {
    code.count == 3 && ["RL", "AP", "SI"].allSatisfy { pair in code.filter { pair.contains($0) }.count == 1 }
  }

  /// Steps of which a second one has no meaning.
  private func checkOnce() {
    var seen: Set<String> = []
    for (index, step) in study.preprocessing.enumerated() {
      let name: String? =
        switch step {
        case .slices: "slices"
        case .impute: "impute"
        case .standardise: "standardise"
        default: nil
        }
      if let name, !seen.insert(name).inserted {
        log.contradiction("the step '\(name)' is there already", at: "preprocessing[\(index)]")
      }
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
          "augmentation is for images, and the study has none among its inputs", at: path, with: "elements")
      }
      if case .flip(let axes, _) = step {
        if axes.isEmpty { log.contradiction("expected at least one axis", at: "\(path).flip.axes") }
        if axes.contains(.z), dimensions == 2 {
          log.contradiction(
            "an image of 2 dimensions has the axes x and y", at: "\(path).flip.axes", with: "elements")
        }
      }
    }
  }
}
