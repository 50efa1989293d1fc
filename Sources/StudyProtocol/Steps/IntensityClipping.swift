/// Limits intensities without rescaling them.
public struct IntensityClipping: Sendable, Equatable {
  public enum Limits: Sendable, Equatable {
    /// The limits are stored values, for example in Hounsfield units.
    case values(ClosedRange<Double>)
    /// The limits are percentiles of each image, from 0 to 100.
    case percentiles(ClosedRange<Double>)
  }

  public var limits: Limits
  /// The voxels over which percentiles are computed.
  public var per: IntensityNormalisation.Scope
  /// Whether voxels of value 0 are excluded from percentiles and stay 0.
  public var nonzero: Bool

  public init(_ limits: Limits, per: IntensityNormalisation.Scope = .image, nonzero: Bool = false) {
    self.limits = limits
    self.per = per
    self.nonzero = nonzero
  }
}

extension IntensityClipping: PreprocessingForm {
  static let descriptor = StepDescriptor(
    "clip", effect: "limits intensities, as before `normalise` for CT (nnU-Net, Isensee et al. 2021)",
    keys: [
      .init("range", .optional, "the lowest and the highest stored value, such as [-1000, 400]"),
      .init("percentiles", .optional, "the limits as percentiles, such as [0.5, 99.5], instead of `range`"),
      .init(
        "per", .defaultValue("image"), "image, volume, slice or channel: over which percentiles are computed"),
      .init(
        "nonzero", .defaultValue("false"),
        "whether voxels of value 0 are excluded from percentiles and stay 0"),
    ], example: "{percentiles: [0.5, 99.5]}")

  init?(reading map: MappingReader) {
    let range = map.optional("range")
    let percentiles = map.optional("percentiles")
    per = map.choice("per", default: .image)
    nonzero = map.bool("nonzero", default: false)
    switch (range, percentiles) {
    case (let range?, nil): limits = .values(range.range() ?? 0...1)
    case (nil, let percentiles?): limits = .percentiles(percentiles.range(.within(0...100)) ?? 0...100)
    default:
      map.log.add("expected either 'range' in stored values or 'percentiles'", at: map.path)
      return nil
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var box = encoder.container(keyedBy: AnyKey.self)
    switch limits {
    case .values(let range): try box.put("range", range)
    case .percentiles(let range):
      try box.put("percentiles", range)
      try box.put("per", per)
      try box.put("nonzero", nonzero)
    }
  }

  var step: PreprocessingStep { .clip(self) }

  var words: String {
    switch limits {
    case .values(let range):
      return "intensities are limited to \(range.lowerBound.short) to \(range.upperBound.short)"
    case .percentiles(let range):
      let scope = "each \(per.rawValue)\(nonzero ? ", background left out" : "")"
      return
        "intensities are limited to percentiles \(range.lowerBound.short) and \(range.upperBound.short) of \(scope)"
    }
  }

  func check(in context: StepContext) {
    let path = "\(context.path).clip"
    switch limits {
    case .values(let range):
      for key in ["per", "nonzero"] where context.log.has("\(path).\(key)") {
        context.log.contradiction(
          "this setting is for percentiles", at: "\(path).\(key)", with: "\(path).range")
      }
      checkWidth(of: range, at: "\(path).range", in: context)
    case .percentiles(let range): checkWidth(of: range, at: "\(path).percentiles", in: context)
    }
  }

  /// Adds an error if the limits are equal, since equal limits would turn the image into a single value.
  private func checkWidth(of range: ClosedRange<Double>, at path: String, in context: StepContext) {
    guard range.lowerBound == range.upperBound else { return }
    context.log.contradiction("the upper limit must be above the lower one", at: path)
  }
}
