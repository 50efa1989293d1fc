import FederatedCore

/// A message of a stage as processes of one machine exchange it: in JSON without the elements of its tensors,
/// which are in a ``FrameFile``.
public struct FrameHeader: Sendable, Codable, Equatable {
  /// The place of a tensor in the file.
  public struct Place: Sendable, Codable, Equatable {
    /// The type of the elements, as in ``StageTensor/ElementType``.
    public var type: String
    public var count: Int
    /// The position of the first element, in bytes.
    public var offset: Int

    public init(type: String, count: Int, offset: Int) {
      self.type = type
      self.count = count
      self.offset = offset
    }
  }

  public var kind: String
  public var facts: [String: Fact]
  public var tensors: [String: Place]

  public init(kind: String, facts: [String: Fact] = [:], tensors: [String: Place] = [:]) {
    self.kind = kind
    self.facts = facts
    self.tensors = tensors
  }
}
