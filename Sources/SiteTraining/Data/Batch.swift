/// A few examples together, in the form in which the model receives them.
struct Batch: Sendable {
  /// The truth that the model is to predict for each example.
  enum Target: Sendable {
    /// Class indices, one per example.
    case classes([Int64])
    /// Class indices of each pixel or voxel, example after example.
    case mask([UInt8])
    /// Times, with 1 for an observed event and 0 for a censored time.
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

/// The grid that the voxels of a record's examples form: the slices of a volume, or one image. Used to
/// measure distances.
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

  /// The grid that the masks of a record's examples form.
  func grid(of record: Range<Int>) throws -> VoxelGrid

  /// The number of labels of each class among the examples; for masks, the number of pixels or voxels.
  func classCounts(of indices: [Int], classCount: Int) throws -> [Int]
}
