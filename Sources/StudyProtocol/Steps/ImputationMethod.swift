/// The replacement of a missing table input, computed on a site's own training set.
public enum ImputationMethod: Sendable, Equatable {
  case median
  case mean
  case zero
  case constant(Double)
}

extension ImputationMethod: PreprocessingForm {
  static let descriptor = StepDescriptor(
    "impute", effect: "fills in missing inputs", inputs: .tables, isUnique: true,
    keys: [
      .init("value", .optional, "the replacement of a missing number (only for constant)"),
      .init("method", .required, "median, mean, zero or constant"),
    ], example: "{method: median}")

  private enum Name: String, CaseIterable { case median, mean, zero, constant }

  init?(reading map: MappingReader) {
    let value = map.number("value", .any)
    let name: Name = map.choice("method")
    if name != .constant, value != nil {
      map.log.add("only the method 'constant' has a value", at: map.path("value"))
    }
    switch name {
    case .median: self = .median
    case .mean: self = .mean
    case .zero: self = .zero
    case .constant:
      guard map.required("value", "the replacement of a missing number") != nil, let value else {
        return nil
      }
      self = .constant(value)
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

  var step: PreprocessingStep { .impute(self) }

  var words: String {
    switch self {
    case .median, .mean:
      "a missing number becomes the \(self == .median ? "median" : "mean") of the site's own training data, and a missing category the most frequent one"
    case .zero: "a missing number becomes 0"
    case .constant(let value): "a missing number becomes \(value.short)"
    }
  }
}
