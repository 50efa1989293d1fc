/// What a network takes and gives, which follows from a study's elements rather than from its `model:` section.
public struct ModelShape: Sendable, Hashable {
  /// Channels of an image, or features of a table's row.
  public var inputs: Int
  /// Classes, labels or risks: the size of axis 1 of what the network gives.
  public var outputs: Int
  /// The number of spatial axes of an image, 2 or 3; not read for tables.
  public var dimensions: Int

  public init(inputs: Int, outputs: Int, dimensions: Int = 2) {
    (self.inputs, self.outputs, self.dimensions) = (inputs, outputs, dimensions)
  }
}
