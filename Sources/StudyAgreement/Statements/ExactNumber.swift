/// A number encoded as the shortest text that reads back to the same 64-bit value, so that its bytes are
/// unambiguous.
@propertyWrapper
public struct ExactNumber: Codable, Sendable, Equatable {
  public var wrappedValue: Double

  public init(wrappedValue: Double) { self.wrappedValue = wrappedValue }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let value = Double(text), value.isFinite, "\(value)" == text else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "expected a finite number in its shortest form")
    }
    wrappedValue = value
  }

  public func encode(to encoder: any Encoder) throws {
    guard wrappedValue.isFinite else {
      throw EncodingError.invalidValue(
        wrappedValue, .init(codingPath: encoder.codingPath, debugDescription: "expected a finite number"))
    }
    var container = encoder.singleValueContainer()
    try container.encode("\(wrappedValue)")
  }
}
