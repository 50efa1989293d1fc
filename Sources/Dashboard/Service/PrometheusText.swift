import FederatedCore

/// Formats samples in Prometheus' text format, version 0.0.4.
struct PrometheusText {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  let text: String

  /// Groups the samples by name, under the help and kind of the first sample.
  init(_ samples: [MetricSample]) {
    var order: [String] = []
    var groups: [String: [MetricSample]] = [:]
    for sample in samples {
      let name = Self.name(sample.name, allowing: ":")
      if groups[name] == nil { order.append(name) }
      groups[name, default: []].append(sample)
    }
    text = order.map { Self.group($0, groups[$0] ?? []) }.joined()
  }

  private static func group(_ name: String, _ samples: [MetricSample]) -> String {
    guard let first = samples.first else { return "" }
    // Write one line per set of labels: the format forbids two lines with the same labels.
    var seen: Set<String> = []
    let lines = samples.compactMap { sample -> String? in
      let series = name + labels(sample.labels)
      return seen.insert(series).inserted ? "\(series) \(number(sample.value))\n" : nil
    }
    return "# HELP \(name) \(escaped(first.help))\n# TYPE \(name) \(first.kind.rawValue)\n" + lines.joined()
  }

  private static func labels(_ labels: [String: String]) -> String {
    guard !labels.isEmpty else { return "" }
    let pairs = labels.sorted { $0.key < $1.key }.map { key, value in
      "\(name(key))=\"\(escaped(value).replacing("\"", with: "\\\""))\""
    }
    return "{\(pairs.joined(separator: ","))}"
  }

  /// A valid name: letters, digits and underscores, not beginning with a digit. Other characters become
  /// underscores.
  private static func name(_ text: String, allowing more: Character? = nil) -> String {
    let letters = text.map { letter in
      letter.isASCII && (letter.isLetter || letter.isNumber) || letter == more ? letter : "_"
    }
    guard let first = letters.first else { return "_" }
    return first.isNumber ? "_" + String(letters) : String(letters)
  }

  private static func escaped(_ text: String) -> String {
    text.onItsLines.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
  }

  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    if value == value.rounded(), abs(value) < 1e15 { return String(Int(value)) }
    return value.description
  }
}
