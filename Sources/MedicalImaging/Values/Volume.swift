/// An image as read from a file: stored voxels, their shape, and their position.
///
/// Values are in C order, the last axis fastest. A photograph is [rows, columns] or [rows, columns,
/// channels]; a volume [slices, rows, columns]; a series over time [times, slices, rows, columns].
public struct Volume: Sendable, Hashable {
  /// The meaning of an axis.
  public enum Axis: String, Sendable, Hashable, Codable {
    case component, time, slice, row, column, channel
  }

  public var voxels: Voxels
  /// Extents, slowest axis first.
  public var shape: [Int]
  /// The meaning of each axis of `shape`.
  public var axes: [Axis]
  public var geometry: Geometry
  /// The factor that converts stored values: a value is the stored value × slope + intercept.
  public var slope: Double
  public var intercept: Double
  /// The meaning of the stored values before slope and intercept.
  public var meaning: StoredMeaning
  /// The padding values, which are not measurements; `nil` if the file states none.
  public var padding: StoredPadding?
  public var source: ImageSource

  /// - Precondition: shape, axes and number of voxels agree.
  public init(
    voxels: Voxels, shape: [Int], axes: [Axis], geometry: Geometry = .unstated, slope: Double = 1,
    intercept: Double = 0, meaning: StoredMeaning = .plain, padding: StoredPadding? = nil,
    source: ImageSource
  ) {
    precondition(shape.count == axes.count && shape.reduce(1, *) == voxels.count, "shape and voxels disagree")
    self.voxels = voxels
    self.shape = shape
    self.axes = axes
    self.geometry = geometry
    self.slope = slope
    self.intercept = intercept
    self.source = source
    self.meaning = meaning
    self.padding = padding
  }

  /// The number of values per voxel: 3 for RGB, 1 for most medical images.
  public var channels: Int { extent(.channel) }

  /// The extent along an axis; 1 if the image has no such axis.
  public func extent(_ axis: Axis) -> Int {
    zip(axes, shape).reduce(1) { $1.0 == axis ? $0 * $1.1 : $0 }
  }

  /// The stored values with slope and intercept applied, in the order of `shape`. Modality LUT and
  /// photometric interpretation are not applied; see `interpreted()`.
  public func floats() -> [Float] { voxels.floats(slope: slope, intercept: intercept) }

  /// Reads an image, recognising its format by its content. A folder is read as one DICOM series.
  ///
  /// - Throws: `ImageError` that names the file and what is wrong with it.
  public static func read(_ path: String) throws(ImageError) -> Volume { try ImageReaders.read(path) }

  /// Reads a mask: like an image, but a picture with a coloured palette yields its indices as class codes.
  ///
  /// - Throws: `ImageError` that names the file and what is wrong with it.
  public static func readMask(_ path: String) throws(ImageError) -> Volume {
    try ImageReaders.read(path, asLabels: true)
  }
}
