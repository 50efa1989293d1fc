extension YAMLReader {
  /// Reads a step written as a mapping with one key, its name: `{flip: {axes: [x]}}`.
  func step<Step>(_ kinds: KeyValuePairs<String, (MappingReader) -> Step?>) -> Step? {
    let names = kinds.map(\.key)
    let entries = entries("a step such as {\(names[0]): {…}}")
    guard isMapping else { return nil }
    guard let (name, value) = entries.first, entries.count == 1 else {
      fault("expected one step with one name, found \(entries.count) keys; begin each step with its own '-'")
      return nil
    }
    guard let read = kinds.first(where: { $0.key == name })?.value else {
      log.add(
        "unknown step; expected one of \(names.joined(separator: ", ")).\(NearestName.hint(for: name, among: names))",
        at: value.path)
      return nil
    }
    return value.mapping(read)
  }
}

extension PreprocessingStep {
  init?(reading reader: YAMLReader) {
    let step: PreprocessingStep? = reader.step([
      "reorient": { .reorient(to: $0.text("to", expected: "an orientation such as RAS")) },
      "slices": { .slices(axis: $0.choice("axis")) },
      "resample": { Resampling(reading: $0).map(PreprocessingStep.resample) },
      "crop-or-pad": { .cropOrPad(size: $0.requiredSize()) },
      "normalise": { .normalise(IntensityNormalisation(reading: $0)) },
      "impute": { ImputationMethod(reading: $0).map(PreprocessingStep.impute) },
      "standardise": {
        .standardise(Standardisation(method: $0.choice("method"), using: $0.choice("using", default: .site)))
      },
    ])
    guard let step else { return nil }
    self = step
  }
}

extension MappingReader {
  fileprivate func requiredSize() -> [Int] {
    required("size", "the size in pixels along x, y (and z)") == nil
      ? [] : integers("size", .from(1, to: 16384))
  }
}

extension Resampling {
  fileprivate init?(reading map: MappingReader) {
    let size = map.integers("size", .from(1, to: 16384))
    let spacing = map.optional("spacing").map {
      $0.list("a list of numbers").compactMap { $0.number(.positive) }
    }
    switch (map.log.has(map.path("size")), spacing) {
    case (true, nil): self = .size(size)
    case (false, let spacing?): self = .spacing(spacing)
    default:
      map.log.add("expected either 'size' in pixels or 'spacing' in millimetres", at: map.path)
      return nil
    }
  }
}

extension IntensityNormalisation {
  fileprivate init(reading map: MappingReader) {
    self.init(
      method: map.choice("method"),
      per: map.choice("per", default: .image),
      lower: map.number("lower", .any),
      upper: map.number("upper", .any),
      level: map.number("level", .any),
      width: map.number("width", .positive),
      nonzero: map.bool("nonzero", default: false))
    switch method {
    case .percentile:
      lower = lower ?? 1
      upper = upper ?? 99
    case .scale:
      _ = map.required("lower", "the stored value that becomes 0")
      _ = map.required("upper", "the stored value that becomes 1")
    case .window:
      _ = map.required("level", "the centre of the window")
      _ = map.required("width", "the width of the window")
    case .zScore: break
    }
  }
}

extension ImputationMethod {
  private enum Name: String, CaseIterable { case median, mean, zero, constant }

  fileprivate init?(reading map: MappingReader) {
    let value = map.number("value", .any)
    let name: Name = map.choice("method")
    if name != .constant, value != nil {
      map.log.add("only the method 'constant' takes a value", at: map.path("value"))
    }
    switch name {
    case .median: self = .median
    case .mean: self = .mean
    case .zero: self = .zero
    case .constant:
      guard map.required("value", "the number that takes the place of a missing one") != nil, let value else {
        return nil
      }
      self = .constant(value)
    }
  }
}

extension AugmentationStep {
  init?(reading reader: YAMLReader) {
    let step: AugmentationStep? = reader.step([
      "flip": {
        _ = $0.required("axes", "a list of axes such as [x]")
        return .flip(axes: $0.choices("axes", default: []), probability: $0.probability)
      },
      "rotate": {
        let degrees = $0.required("degrees", "the largest angle")?.number(.within(0...180)) ?? 0
        return .rotate(degrees: degrees, probability: $0.probability)
      },
      "scale": {
        let range = $0.required("range", "a range such as [0.9, 1.1]")?.range(.positive) ?? 1...1
        return .scale(range: range, probability: $0.probability)
      },
      "intensity": {
        .intensity(
          gain: $0.optional("gain")?.range(.notNegative) ?? 1...1,
          offset: $0.optional("offset")?.range() ?? 0...0, probability: $0.probability)
      },
      "noise": {
        let deviation = $0.required("standard-deviation", "a number above 0")?.number(.positive) ?? 0
        return .noise(standardDeviation: deviation, probability: $0.probability)
      },
    ])
    guard let step else { return nil }
    self = step
  }
}

extension MappingReader {
  /// How often the step happens; half of the time where the study does not say.
  fileprivate var probability: Double { number("probability", .fraction, default: 0.5) }
}
