/// Reads arrays of npz files. The engine, which knows the format, supplies an implementation.
public protocol ArrayReader: Sendable {
  /// The array's dimensions, slowest first.
  ///
  /// - Parameter file: an absolute path.
  func shape(ofArray name: String, inFile file: String) throws -> [Int]

  /// The values of an array of whole numbers, in C order.
  func integers(ofArray name: String, inFile file: String) throws -> [Int]
}
