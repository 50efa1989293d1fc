/// The inputs and outputs of a network, which follow from a study's elements rather than from its `model:`
/// section.
public struct ModelShape: Sendable, Hashable {
  /// The number of channels of an image, or of features in a table row.
  public var inputs: Int
  /// The number of outputs per example or voxel, such as one per class: the size of axis 1 of the network's
  /// output.
  public var outputs: Int
  /// The number of spatial axes of an image, 2 or 3; ignored for tables.
  public var dimensions: Int

  public init(inputs: Int, outputs: Int, dimensions: Int = 2) {
    self.inputs = inputs
    self.outputs = outputs
    self.dimensions = dimensions
  }
}
