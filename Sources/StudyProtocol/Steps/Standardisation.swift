/// A method to bring the numbers of a table to a common scale.
public struct Standardisation: Encodable, Sendable, Equatable {
  public enum Method: String, Codable, Sendable, CaseIterable {
    /// Subtracts the mean and divides by the standard deviation.
    case zScore = "z-score"
    /// Maps the range from the lowest to the highest value to 0...1.
    case range
  }

  public enum Source: String, Codable, Sendable, CaseIterable {
    /// Uses the statistics of the site's own training set.
    case site
    /// Uses the ranges that the study's elements declare. These are the same at all sites, so differences
    /// between sites remain visible.
    case elements
  }

  public var method: Method
  public var using: Source

  public init(method: Method, using: Source = .site) {
    self.method = method
    self.using = using
  }
}

extension Standardisation: PreprocessingForm {
  static let descriptor = StepDescriptor(
    "standardise", effect: "brings numbers to a common scale", inputs: .tables, isUnique: true,
    keys: [
      .init("method", .required, "z-score or range"),
      .init("using", .defaultValue("site"), "site (its own training data) or elements (their ranges)"),
    ], example: "{method: z-score}")

  init?(reading map: MappingReader) {
    self.init(method: map.choice("method"), using: map.choice("using", default: .site))
  }

  var step: PreprocessingStep { .standardise(self) }

  var words: String {
    switch (method, using) {
    case (.range, .elements):
      "numbers are brought to 0 to 1 by the ranges given above, the same at every site"
    case (.range, .site):
      "numbers are brought to 0 to 1 by the lowest and highest of the site's own training data"
    case (.zScore, _):
      "numbers are brought to mean 0 and standard deviation 1 over the site's own training data"
    }
  }

  func check(in context: StepContext) {
    guard using == .elements else { return }
    let path = "\(context.path).standardise.using"
    if method == .zScore {
      context.log.contradiction(
        "the elements declare ranges, not means; use `method: range` or `using: site`", at: path)
    }
    for element in context.study.inputs where element.kind == .number && element.range == nil {
      context.log.contradiction(
        "the element '\(element.name)' declares no range", at: path, with: "elements")
    }
  }
}
