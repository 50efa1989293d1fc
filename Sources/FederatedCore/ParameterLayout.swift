/// The names, shapes and roles of a model's parameters, in the order of the flat vector.
///
/// The names are the names in PyTorch's `state_dict`, so that weights can be exchanged with PyTorch.
public struct ParameterLayout: Hashable, Sendable, Codable {
  public enum Role: String, Hashable, Sendable, Codable {
    /// A parameter that the optimizer changes.
    case trainable
    /// A value that the forward pass changes, such as the running mean of a batch normalisation.
    case buffer
  }

  public struct Entry: Hashable, Sendable, Codable {
    public var name: String
    public var shape: [Int]
    public var role: Role

    public init(name: String, shape: [Int], role: Role = .trainable) {
      self.name = name
      self.shape = shape
      self.role = role
    }

    /// The number of scalars in this entry.
    public var count: Int { shape.reduce(1, *) }
  }

  public let entries: [Entry]
  /// The number of scalars of all entries.
  public let count: Int

  public init(entries: [Entry]) {
    self.entries = entries
    count = entries.reduce(0) { $0 + $1.count }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let entries = try container.decode([Entry].self)
    // Check the decoded layout, since it may come from an untrusted party.
    guard Self.isPossible(entries) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "the shapes of a layout are negative or too large")
    }
    self.init(entries: entries)
  }

  /// The maximum number of scalars in a layout from a file or another party. The limit prevents overflow in
  /// values computed from this number, such as sizes in bytes.
  private static let mostScalars = 1 << 40

  /// Whether all extents are at least 0 and the layout has at most ``mostScalars`` scalars.
  private static func isPossible(_ entries: [Entry]) -> Bool {
    var room = mostScalars
    for entry in entries {
      var count = 1
      // Multiply in the same order as ``Entry/count``: its product must not overflow, even if a later extent
      // is zero.
      for extent in entry.shape {
        let (product, overflow) = count.multipliedReportingOverflow(by: extent)
        guard extent >= 0, !overflow else { return false }
        count = product
      }
      guard count <= room else { return false }
      room -= count
    }
    return true
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(entries)
  }

  /// Each entry with the range of the flat vector that it occupies.
  public var ranges: [(entry: Entry, range: Range<Int>)] {
    var start = 0
    return entries.map { entry in
      defer { start += entry.count }
      return (entry, start..<(start + entry.count))
    }
  }
}
