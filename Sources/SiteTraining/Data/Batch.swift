/// A few examples side by side, as the model takes them.
struct Batch: Sendable {
  /// What is to be predicted, one entry an example.
  enum Target: Sendable {
    /// Class indices, one an example.
    case classes([Int64])
    /// Class indices of each pixel or voxel, example after example.
    case mask([UInt8])
    /// Times, and 1 where the event was seen, else 0.
    case survival(times: [Float], events: [Float])
  }

  /// The inputs, example after example.
  var inputs: [Float]
  /// The number of examples, then the shape of one.
  var shape: [Int]
  var target: Target

  /// The number of examples.
  var count: Int { shape[0] }
}

/// The voxels that a record's examples make up together, for distances: a volume's slices, or one image.
struct VoxelGrid: Sendable, Equatable {
  /// The length of each axis, slowest first.
  var shape: [Int]
  /// The spacing along each axis.
  var spacing: [Double]
  /// Whether the file states the spacing, in millimetres. If not, the spacing is 1 and distances are
  /// meaningless.
  var statesSpacing = true
}

/// Where batches come from: a site's examples, in memory or decoded on demand.
///
/// Used by several threads at once.
protocol ExampleSource: Sendable {
  var exampleCount: Int { get }
  /// The shape of one example's input, channels first.
  var exampleShape: [Int] { get }

  /// The examples with these indices, one after another.
  ///
  /// - Parameter augmentationSeeds: one seed an example, for random changes of training images; nil for none.
  func batch(_ indices: ArraySlice<Int>, augmentationSeeds: [UInt64]?) throws -> Batch

  /// The grid that the masks of a record's examples make up.
  func grid(of record: Range<Int>) throws -> VoxelGrid

  /// How often each class occurs among the examples' labels, or pixels and voxels of their masks.
  func classCounts(of indices: [Int], classCount: Int) throws -> [Int]
}
