import Testing

/// Parses Prometheus' text format 0.0.4 strictly: all samples of a name follow its help and type, in one
/// block.
struct PrometheusReader {
  struct Sample: Equatable {
    var name: String
    var labels: [String: String]
    var value: Double
  }

  struct Fault: Error { var line: Substring }

  private(set) var help: [String: String] = [:]
  private(set) var kinds: [String: String] = [:]
  private(set) var samples: [Sample] = []

  init(_ text: String) throws {
    guard text.isEmpty || text.hasSuffix("\n") else { throw Fault(line: "no line feed at the end") }
    var current: String?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      if let rest = line.after("# HELP ") {
        let parts = rest.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, help[String(parts[0])] == nil else { throw Fault(line: line) }
        help[String(parts[0])] = try Self.unescaped(parts[1], quotes: false)
      } else if let rest = line.after("# TYPE ") {
        let parts = rest.split(separator: " ")
        guard parts.count == 2, ["counter", "gauge"].contains(parts[1]), kinds[String(parts[0])] == nil,
          help[String(parts[0])] != nil
        else { throw Fault(line: line) }
        kinds[String(parts[0])] = String(parts[1])
        current = String(parts[0])
      } else {
        let sample = try Self.sample(line)
        guard sample.name == current,
          !samples.contains(where: { $0.name == sample.name && $0.labels == sample.labels })
        else { throw Fault(line: line) }
        samples.append(sample)
      }
    }
  }

  private static func sample(_ line: Substring) throws -> Sample {
    guard let match = try #/([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)/#.wholeMatch(in: line) else {
      throw Fault(line: line)
    }
    var labels: [String: String] = [:]
    var rest = match.2 ?? ""
    while !rest.isEmpty {
      guard let label = try #/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(,|$)/#.prefixMatch(in: rest),
        labels[String(label.1)] == nil
      else { throw Fault(line: line) }
      labels[String(label.1)] = try unescaped(label.2, quotes: true)
      rest = rest[label.range.upperBound...]
    }
    let value: Double? =
      switch match.3 {
      case "NaN": .nan
      case "+Inf": .infinity
      case "-Inf": -.infinity
      default: Double(match.3)
      }
    guard let value else { throw Fault(line: line) }
    return Sample(name: String(match.1), labels: labels, value: value)
  }

  private static func unescaped(_ text: Substring, quotes: Bool) throws -> String {
    var result = ""
    var letters = text.makeIterator()
    while let letter = letters.next() {
      guard letter == "\\" else { result.append(letter); continue }
      switch letters.next() {
      case "\\": result.append("\\")
      case "n": result.append("\n")
      case "\"" where quotes: result.append("\"")
      default: throw Fault(line: text)
      }
    }
    return result
  }
}

extension Substring {
  fileprivate func after(_ prefix: String) -> Substring? { hasPrefix(prefix) ? dropFirst(prefix.count) : nil }
}
