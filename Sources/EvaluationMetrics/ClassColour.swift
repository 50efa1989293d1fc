/// The colour of a segmentation class in pictures and their legend. The colours are from the palette of Okabe
/// and Ito and can be told apart with every kind of colour vision.
public struct ClassColour: Sendable, Equatable {
  public var name: String
  public var red: UInt8
  public var green: UInt8
  public var blue: UInt8

  public static let all = [
    ClassColour(name: "blue", red: 86, green: 180, blue: 233),
    ClassColour(name: "orange", red: 230, green: 159, blue: 0),
    ClassColour(name: "green", red: 0, green: 158, blue: 115),
    ClassColour(name: "yellow", red: 240, green: 228, blue: 66),
    ClassColour(name: "red", red: 213, green: 94, blue: 0),
    ClassColour(name: "pink", red: 204, green: 121, blue: 167),
  ]

  /// The colour of a foreground class.
  ///
  /// - Parameter label: the class, counted from 1; after the sixth class, the colours repeat.
  public static func of(_ label: Int) -> ClassColour { all[(max(label, 1) - 1) % all.count] }

  /// The colour in CSS notation, such as `#56b4e9`.
  public var hex: String {
    "#" + [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
