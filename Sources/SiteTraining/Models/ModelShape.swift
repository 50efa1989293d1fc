/// The inputs and outputs of a network, which follow from a study's elements rather than from its `model:`
/// section.
public struct ModelShape: Sendable, Hashable {
  /// The channels of an image, or the features of a table's row.
  public var inputs: Int
  /// The number of classes, labels or risks: the size of axis 1 of the network's output.
  public var outputs: Int
  /// The number of spatial axes of an image, 2 or 3; ignored for tables.
  public var dimensions: Int

  public init(inputs: Int, outputs: Int, dimensions: Int = 2) {
    self.inputs = inputs
    self.outputs = outputs
    self.dimensions = dimensions
  }
}
