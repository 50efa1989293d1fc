/// A method to bring intensities to a common scale.
public struct IntensityNormalisation: Encodable, Sendable, Equatable {
  public enum Method: String, Codable, Sendable, CaseIterable {
    /// Subtracts the mean and divides by the standard deviation.
    case zScore = "z-score"
    /// Maps the range from the `lower` to the `upper` percentile to 0...1, and clips values outside it.
    case percentile
    /// Maps a window of `width` about `level` to 0...1, and clips values outside it.
    case window
    /// Maps the stored values `lower` to `upper` to the range 0...1, without clipping values outside it.
    case scale
  }

  /// The voxels over which statistics are computed.
  public enum Scope: String, Codable, Sendable, CaseIterable {
    /// Statistics are computed over the whole volume from which an example's slice comes.
    case volume
    /// Statistics are computed over each image file, all channels together.
    case image
    /// Statistics are computed over each slice.
    case slice
    /// Statistics are computed over each channel of an image.
    case channel
  }

  public var method: Method
  public var per: Scope
  /// For `percentile`, the lower percentile, 0...100. For `scale`, the stored value that becomes 0.
  public var lower: Double?
  /// For `percentile`, the upper percentile, 0...100. For `scale`, the stored value that becomes 1.
  public var upper: Double?
  /// For `window`, the stored value at the centre of the window.
  public var level: Double?
  /// For `window`, the width of the window in stored values.
  public var width: Double?
  /// Whether statistics exclude voxels of value 0, for images with a background of zeros.
  public var nonzero: Bool

  public init(
    method: Method, per: Scope = .image, lower: Double? = nil, upper: Double? = nil, level: Double? = nil,
    width: Double? = nil, nonzero: Bool = false
  ) {
    self.method = method
    self.per = per
    self.lower = lower
    self.upper = upper
    self.level = level
    self.width = width
    self.nonzero = nonzero
  }
}

extension IntensityNormalisation: PreprocessingForm {
  static let descriptor = StepDescriptor(
    "normalise", effect: "brings intensities to a common scale",
    keys: [
      .init("method", .required, "z-score, percentile, window or scale"),
      .init(
        "per", .defaultValue("image"), "image, volume, slice or channel: over which statistics are computed"),
      .init("lower", .optional, "the lower percentile (default 1); for scale, the value that becomes 0"),
      .init("upper", .optional, "the upper percentile (default 99); for scale, the value that becomes 1"),
      .init("level", .optional, "the centre of the window"),
      .init("width", .optional, "the width of the window"),
      .init("nonzero", .defaultValue("false"), "whether statistics exclude voxels of value 0"),
    ], example: "{method: z-score}")

  init?(reading map: MappingReader) {
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

  var step: PreprocessingStep { .normalise(self) }

  var words: String {
    let scope = "of each \(per.rawValue)\(nonzero ? ", background left out," : "")"
    return switch method {
    case .zScore: "the intensities \(scope) are brought to mean 0 and standard deviation 1"
    case .percentile:
      "the intensities \(scope) between percentiles \((lower ?? 1).short) and \((upper ?? 99).short) are brought to 0 to 1"
    case .window:
      "the intensities are windowed at level \((level ?? 0).short), width \((width ?? 1).short)"
    case .scale:
      "the stored intensities \((lower ?? 0).short) to \((upper ?? 1).short) become 0 to 1"
    }
  }

  func check(in context: StepContext) {
    let path = "\(context.path).normalise"
    let allowed: [String] =
      switch method {
      case .zScore: []
      case .percentile, .scale: ["lower", "upper"]
      case .window: ["level", "width"]
      }
    for key in ["lower", "upper", "level", "width"]
    where context.log.has("\(path).\(key)") && !allowed.contains(key) {
      context.log.contradiction(
        "the method '\(method.rawValue)' has no \(key)", at: "\(path).\(key)", with: "\(path).method")
    }
    if nonzero, [.window, .scale].contains(method) {
      context.log.contradiction(
        "the method '\(method.rawValue)' uses no statistics, so there are no zeros to exclude; remove it",
        at: "\(path).nonzero", with: "\(path).method")
    }
    guard allowed.contains("lower"), let lower, let upper else { return }
    if lower >= upper { context.log.contradiction("'lower' must be below 'upper'", at: "\(path).lower") }
    if method == .percentile, lower < 0 || upper > 100 {
      context.log.contradiction(
        "percentiles are numbers from 0 to 100", at: "\(path).\(lower < 0 ? "lower" : "upper")")
    }
  }
}
