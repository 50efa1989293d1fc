/// A number for a monitoring system.
public struct MetricSample: Sendable, Equatable {
  public enum Kind: String, Sendable {
    /// A number that only grows.
    case counter
    case gauge
  }

  /// The name in Prometheus' style: `consilium_rounds_total`, `consilium_round_seconds`.
  public var name: String
  public var kind: Kind
  /// A plain sentence that explains the number.
  public var help: String
  public var labels: [String: String]
  public var value: Double

  public init(_ name: String, _ kind: Kind, help: String, labels: [String: String] = [:], value: Double) {
    self.name = name
    self.kind = kind
    self.help = help
    self.labels = labels
    self.value = value
  }
}
