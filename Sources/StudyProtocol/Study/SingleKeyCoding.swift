// The parts of a study that are one of several shapes encode as they are written in a study file, so that the canonical JSON
// of a study is itself a study file.

/// A key of one letter sequence; for objects whose keys are data or alternatives.
struct AnyKey: CodingKey {
  var stringValue: String
  var intValue: Int? { nil }
  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

extension KeyedDecodingContainer<AnyKey> {
  /// The only key.
  func onlyKey() throws -> AnyKey {
    guard let key = allKeys.first, allKeys.count == 1 else {
      throw DecodingError.dataCorrupted(.init(codingPath: codingPath, debugDescription: "expected one key"))
    }
    return key
  }

  func unknown(_ key: AnyKey) -> DecodingError {
    .dataCorruptedError(forKey: key, in: self, debugDescription: "unknown key \(key.stringValue)")
  }

  func value<T: Decodable>(_ key: String) throws -> T { try decode(T.self, forKey: AnyKey(key)) }
}

extension KeyedEncodingContainer<AnyKey> {
  mutating func put(_ key: String, _ value: some Encodable) throws { try encode(value, forKey: AnyKey(key)) }
}

extension PreprocessingStep: Codable {
  private struct Reorient: Codable { var to: String }
  private struct Slices: Codable { var axis: Axis }
  private struct Size: Codable { var size: [Int] }

  public init(from decoder: any Decoder) throws {
    let box = try decoder.container(keyedBy: AnyKey.self)
    let key = try box.onlyKey()
    switch key.stringValue {
    case "reorient": self = .reorient(to: try box.decode(Reorient.self, forKey: key).to)
    case "slices": self = .slices(axis: try box.decode(Slices.self, forKey: key).axis)
    case "resample": self = .resample(try box.decode(Resampling.self, forKey: key))
    case "crop-or-pad": self = .cropOrPad(size: try box.decode(Size.self, forKey: key).size)
    case "normalise": self = .normalise(try box.decode(IntensityNormalisation.self, forKey: key))
    case "impute": self = .impute(try box.decode(ImputationMethod.self, forKey: key))
    case "standardise": self = .standardise(try box.decode(Standardisation.self, forKey: key))
    default: throw box.unknown(key)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var box = encoder.container(keyedBy: AnyKey.self)
    switch self {
    case .reorient(let to): try box.put("reorient", Reorient(to: to))
    case .slices(let axis): try box.put("slices", Slices(axis: axis))
    case .resample(let resampling): try box.put("resample", resampling)
    case .cropOrPad(let size): try box.put("crop-or-pad", Size(size: size))
    case .normalise(let normalisation): try box.put("normalise", normalisation)
    case .impute(let method): try box.put("impute", method)
    case .standardise(let standardisation): try box.put("standardise", standardisation)
    }
  }
}

extension Resampling: Codable {
  public init(from decoder: any Decoder) throws {
    let box = try decoder.container(keyedBy: AnyKey.self)
    let key = try box.onlyKey()
    switch key.stringValue {
    case "size": self = .size(try box.decode([Int].self, forKey: key))
    case "spacing": self = .spacing(try box.decode([Double].self, forKey: key))
    default: throw box.unknown(key)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var box = encoder.container(keyedBy: AnyKey.self)
    switch self {
    case .size(let size): try box.put("size", size)
    case .spacing(let spacing): try box.put("spacing", spacing)
    }
  }
}

extension ImputationMethod: Codable {
  public init(from decoder: any Decoder) throws {
    let box = try decoder.container(keyedBy: AnyKey.self)
    let method: String = try box.value("method")
    switch method {
    case "median": self = .median
    case "mean": self = .mean
    case "zero": self = .zero
    case "constant": self = .constant(try box.value("value"))
    default: throw box.unknown(AnyKey(method))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var box = encoder.container(keyedBy: AnyKey.self)
    switch self {
    case .median: try box.put("method", "median")
    case .mean: try box.put("method", "mean")
    case .zero: try box.put("method", "zero")
    case .constant(let value):
      try box.put("method", "constant")
      try box.put("value", value)
    }
  }
}

extension AugmentationStep: Codable {
  private struct Flip: Codable { var axes: [Axis], probability: Double }
  private struct Rotate: Codable { var degrees: Double, probability: Double }
  private struct Scale: Codable { var range: ClosedRange<Double>, probability: Double }
  private struct Intensity: Codable {
    var gain: ClosedRange<Double>, offset: ClosedRange<Double>, probability: Double
  }
  private struct Noise: Codable {
    var standardDeviation: Double, probability: Double
    enum CodingKeys: String, CodingKey { case standardDeviation = "standard-deviation", probability }
  }

  public init(from decoder: any Decoder) throws {
    let box = try decoder.container(keyedBy: AnyKey.self)
    let key = try box.onlyKey()
    switch key.stringValue {
    case "flip":
      let step = try box.decode(Flip.self, forKey: key)
      self = .flip(axes: step.axes, probability: step.probability)
    case "rotate":
      let step = try box.decode(Rotate.self, forKey: key)
      self = .rotate(degrees: step.degrees, probability: step.probability)
    case "scale":
      let step = try box.decode(Scale.self, forKey: key)
      self = .scale(range: step.range, probability: step.probability)
    case "intensity":
      let step = try box.decode(Intensity.self, forKey: key)
      self = .intensity(gain: step.gain, offset: step.offset, probability: step.probability)
    case "noise":
      let step = try box.decode(Noise.self, forKey: key)
      self = .noise(standardDeviation: step.standardDeviation, probability: step.probability)
    default: throw box.unknown(key)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var box = encoder.container(keyedBy: AnyKey.self)
    switch self {
    case .flip(let axes, let probability): try box.put("flip", Flip(axes: axes, probability: probability))
    case .rotate(let degrees, let probability):
      try box.put("rotate", Rotate(degrees: degrees, probability: probability))
    case .scale(let range, let probability):
      try box.put("scale", Scale(range: range, probability: probability))
    case .intensity(let gain, let offset, let probability):
      try box.put("intensity", Intensity(gain: gain, offset: offset, probability: probability))
    case .noise(let deviation, let probability):
      try box.put("noise", Noise(standardDeviation: deviation, probability: probability))
    }
  }
}

extension Study.ClassWeights: Codable {
  public init(from decoder: any Decoder) throws {
    if let name = try? decoder.singleValueContainer().decode(String.self) {
      switch name {
      case "none": self = .none
      case "balanced": self = .balanced
      default:
        throw DecodingError.dataCorrupted(
          .init(codingPath: decoder.codingPath, debugDescription: "unknown class weights"))
      }
    } else {
      self = .byLabel(try decoder.singleValueContainer().decode([String: Double].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var box = encoder.singleValueContainer()
    switch self {
    case .none: try box.encode("none")
    case .balanced: try box.encode("balanced")
    case .byLabel(let weights): try box.encode(weights)
    }
  }
}

extension Study.Split: Codable {
  public init(from decoder: any Decoder) throws {
    let box = try decoder.container(keyedBy: AnyKey.self)
    by = try box.decodeIfPresent(String.self, forKey: AnyKey("by"))
    if let element = try box.decodeIfPresent(String.self, forKey: AnyKey("element")) {
      method = .assigned(
        element: element, test: try box.value("test"), validation: try box.value("validation"))
    } else {
      method = .fractions(test: try box.value("test"), validation: try box.value("validation"))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var box = encoder.container(keyedBy: AnyKey.self)
    try box.encodeIfPresent(by, forKey: AnyKey("by"))
    switch method {
    case .fractions(let test, let validation):
      try box.put("test", test)
      try box.put("validation", validation)
    case .assigned(let element, let test, let validation):
      try box.put("element", element)
      try box.put("test", test)
      try box.put("validation", validation)
    }
  }
}
