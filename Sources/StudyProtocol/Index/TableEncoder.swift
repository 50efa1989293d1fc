import FederatedCore

/// Turns the table values of a record into the model's input vector.
///
/// A number becomes one column. A category with two values becomes one column, 0 or 1; with more values it
/// becomes one column per value (one-hot). Missing values are filled in first, then numbers are standardised.
/// The statistics for filling in and standardising come from the site's own training set or from the ranges
/// of the study's elements, so no statistics leave the site. A missing category becomes the most frequent
/// category, or all zeros if the study imputes zeros or a constant.
public struct TableEncoder: Sendable, Equatable {
  /// The name of each column, such as `age`, `sex`, `chest-pain=typical angina`.
  public let columns: [String]
  private let elements: [CommonDataElement]
  private let fills: [Double?]
  private let scales: [(offset: Double, divisor: Double)]

  public static func == (lhs: Self, rhs: Self) -> Bool {
    lhs.columns == rhs.columns && lhs.fills == rhs.fills
      && zip(lhs.scales, rhs.scales).allSatisfy { $0 == $1 }
  }

  /// - Parameter training: The records of the site's training set.
  public init(study: Study, training: [Record]) {
    elements = study.inputs.filter { $0.kind == .number || $0.kind == .category }
    columns = elements.flatMap { element in
      Self.width(of: element) == 1 ? [element.name] : element.values.map { "\(element.name)=\($0.label)" }
    }
    var (imputation, standardisation): (ImputationMethod?, Standardisation?)
    for step in study.preprocessing {
      if case .impute(let method) = step { imputation = method }
      if case .standardise(let method) = step { standardisation = method }
    }
    let fills = elements.map { Self.fill(for: $0, imputation, training) }
    self.fills = fills
    scales = zip(elements, fills).map { Self.scale(for: $0, standardisation, fill: $1, training) }
  }

  /// Encodes a record as a vector, in the order of `columns`.
  public func encode(_ record: Record) -> [Float] {
    var vector: [Float] = []
    vector.reserveCapacity(columns.count)
    for (index, element) in elements.enumerated() {
      switch record[element.name] {
      case .number(let number): vector.append(standardised(number, index))
      case .category(let category): vector += Self.indicator(category, of: element)
      default:
        if element.kind == .number {
          vector.append(standardised(fills[index] ?? 0, index))
        } else {
          vector += Self.indicator(fills[index].map { Int($0) }, of: element)
        }
      }
    }
    return vector
  }

  private func standardised(_ number: Double, _ index: Int) -> Float {
    Float((number - scales[index].offset) / scales[index].divisor)
  }

  private static func width(of element: CommonDataElement) -> Int {
    element.kind == .category && element.values.count > 2 ? element.values.count : 1
  }

  private static func indicator(_ category: Int?, of element: CommonDataElement) -> [Float] {
    let width = width(of: element)
    if width == 1 { return [Float(category ?? 0)] }
    return (0..<width).map { $0 == category ? 1 : 0 }
  }

  private static func numbers(_ element: CommonDataElement, _ records: [Record]) -> [Double] {
    records.compactMap { if case .number(let number) = $0[element.name] { number } else { nil } }
  }

  /// The replacement of a missing value: a number, or a class index.
  ///
  /// A mean or median of a number is replaced by the middle of the element's range if the site has no value
  /// at all.
  private static func fill(
    for element: CommonDataElement, _ method: ImputationMethod?, _ training: [Record]
  ) -> Double? {
    if element.kind == .category {
      guard method == .median || method == .mean else { return nil }
      let found = training.compactMap {
        if case .category(let index) = $0[element.name] { index } else { nil }
      }
      let counts = element.values.indices.map { index in found.count { $0 == index } }
      return counts.max().flatMap { most in most > 0 ? counts.firstIndex(of: most).map(Double.init) : nil }
    }
    let numbers = numbers(element, training).sorted()
    let middle = element.range.map { ($0.lowerBound + $0.upperBound) / 2 } ?? 0
    switch method {
    case nil, .zero: return 0
    case .constant(let value): return value
    case .mean: return numbers.isEmpty ? middle : numbers.reduce(0, +) / Double(numbers.count)
    case .median:
      guard !numbers.isEmpty else { return middle }
      return (numbers[(numbers.count - 1) / 2] + numbers[numbers.count / 2]) / 2
    }
  }

  /// The offset and divisor that standardise a number. Missing values are filled in before the site's
  /// statistics are computed.
  private static func scale(
    for element: CommonDataElement, _ method: Standardisation?, fill: Double?, _ training: [Record]
  ) -> (offset: Double, divisor: Double) {
    guard element.kind == .number, let method else { return (0, 1) }
    var range = element.range ?? 0...1
    if method.using == .site {
      let values = training.map {
        if case .number(let number) = $0[element.name] { number } else { fill ?? 0 }
      }
      guard let lowest = values.min(), let highest = values.max() else { return (0, 1) }
      if method.method == .zScore {
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        return (mean, variance > 0 ? variance.squareRoot() : 1)
      }
      range = lowest...highest
    }
    let width = range.upperBound - range.lowerBound
    return (range.lowerBound, width > 0 ? width : 1)
  }
}
