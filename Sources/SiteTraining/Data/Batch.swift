/// A few examples together, in the form in which the model receives them.
struct Batch: Sendable {
  /// The truth about each example, which the model must predict.
  enum Target: Sendable {
    /// The class index of each example.
    case classes([Int64])
    /// The class index of each pixel or voxel, example after example.
    case mask([UInt8])
    /// The time of each example, and whether it is the time of an observed event (1) or was censored (0).
    case survival(times: [Float], events: [Float])
  }

  /// The inputs, example after example.
  var inputs: [Float]
  /// The number of examples, followed by the shape of one example.
  var shape: [Int]
  var target: Target

  /// The number of examples.
  var count: Int { shape[0] }
}

/// The voxels of a record as a grid on which distances are measured: the slices of a volume, or one image.
struct VoxelGrid: Sendable, Equatable {
  /// The length of each axis, slowest first.
  var shape: [Int]
  /// The spacing along each axis.
  var spacing: [Double]
  /// Whether distances can be measured in millimetres: the file states the spacing, and the grid has right
  /// angles.
  var statesSpacing = true
}

/// The source of batches: a site's examples, in memory or decoded on demand.
///
/// Used by several threads at once.
protocol ExampleSource: Sendable {
  var exampleCount: Int { get }
  /// The shape of one example's input, channels first.
  var exampleShape: [Int] { get }

  /// The examples with these indices, one after another.
  ///
  /// - Parameter augmentationSeeds: one seed per example, for random changes of training images; `nil` for
  ///   none.
  func batch(_ indices: ArraySlice<Int>, augmentationSeeds: [UInt64]?) throws -> Batch

  /// The grid of the masks of a record's examples.
  func grid(of record: Range<Int>) throws -> VoxelGrid

  /// The number of labels of each class among the examples; for masks, the number of pixels or voxels.
  func classCounts(of indices: [Int], classCount: Int) throws -> [Int]
}
