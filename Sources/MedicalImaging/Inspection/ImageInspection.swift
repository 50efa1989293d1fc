/// The description of an image by `consilium data inspect`: its format, shape, geometry and values, but
/// nothing about the patient.
public struct ImageInspection: Codable, Sendable, Hashable {
  public var file: String
  public var format: String
  public var encoding: String?
  /// Type of the stored values.
  public var type: ElementType
  /// The number of entries along each axis, the slowest axis first; `axes` names the axes.
  public var shape: [Int]
  public var axes: [Volume.Axis]
  /// The spacing in millimetres along x, y and, if stated, z. `spacing`, `origin` and `direction` are `nil`
  /// if the file does not state them.
  public var spacing: [Double]?
  /// The voxel size in millimetres along x, y and, if stated, z. Only for a NIfTI file that states no
  /// position.
  public var voxelSize: [Double]?
  /// LPS position of the first voxel's centre.
  public var origin: [Double]?
  /// Row-major 3×3 matrix whose columns are the directions of x, y and z, as in ITK.
  public var direction: [Double]?
  /// Directions in which x, y and z run, such as `LPS`.
  public var orientation: String?
  public var slope: Double
  public var intercept: Double
  /// The least and greatest stored value; `nil` for an image without a finite value.
  public var storedRange: [Double]?
  /// The least and greatest value with slope and intercept applied.
  public var valueRange: [Double]?
  /// A description of how training converts the stored values; `nil` if it applies only slope and intercept.
  public var training: String?
  public var photometric: String?
  public var transferSyntax: String?
  public var sopClass: String?
  public var modality: String?
  public var frames: Int?
  /// The number of images per slice, such as time points or echoes; `nil` if there is only one.
  public var imagesPerSlice: Int?
  public var bitsStored: Int?
  public var isLossy: Bool
  /// Files in a series' folder that are not slices.
  public var leftAside: [ImageSource.LeftAside]?
  /// SHA-256 of the stored values: little-endian, in the order of `shape`, before any rescale or colour
  /// conversion.
  public var pixelSHA256: String

  /// Reads and describes an image file, or a folder with one DICOM series.
  ///
  /// - Throws: `ImageError` naming the file and the problem.
  public init(path: String) throws(ImageError) { self.init(try Volume.read(path), file: path) }

  public init(_ volume: Volume, file: String) {
    self.file = file
    (format, encoding) = (volume.source.format, volume.source.encoding)
    (type, shape, axes) = (volume.voxels.type, volume.shape, volume.axes)
    (slope, intercept) = (volume.slope, volume.intercept)
    if let range = volume.voxels.range {
      storedRange = [range.lowerBound, range.upperBound]
      let ends = [range.lowerBound, range.upperBound].map { $0 * volume.slope + volume.intercept }
      valueRange = ends.sorted()
    }
    let padding =
      volume.source.hasPadding
      ? "training sees pixel padding \(DicomTag.paddingValue) as not measured" : nil
    let notes = [volume.meaning.note, padding].compactMap(\.self)
    training = notes.isEmpty ? nil : notes.joined(separator: "; ")
    (photometric, transferSyntax) = (volume.source.photometric, volume.source.transferSyntax)
    (sopClass, modality) = (volume.source.sopClass, volume.source.modality)
    (frames, bitsStored, isLossy) = (volume.source.frames, volume.source.bitsStored, volume.source.isLossy)
    imagesPerSlice = volume.source.imagesPerSlice
    leftAside = volume.source.leftAside.isEmpty ? nil : volume.source.leftAside
    pixelSHA256 = volume.voxels.sha256
    describe(volume.geometry)
  }

  private mutating func describe(_ geometry: Geometry) {
    let numbers = [
      geometry.spacing, geometry.origin, geometry.direction.x, geometry.direction.y, geometry.direction.z,
    ]
    guard geometry.isStated, numbers.allSatisfy({ $0.sum().isFinite }) else { return }
    if geometry.stated.contains(.planeSpacing) {
      let axes = geometry.stated.contains(.sliceSpacing) ? 3 : 2
      let distances = (0..<axes).map { geometry.spacing[$0] }
      // A NIfTI file without a form states the size of its voxels but not their position.
      let isPlaced = !format.hasPrefix("NIfTI") || !geometry.stated.isDisjoint(with: [.direction, .origin])
      if isPlaced { spacing = distances } else { voxelSize = distances }
    }
    if geometry.stated.contains(.origin) { origin = (0..<3).map { geometry.origin[$0] } }
    guard geometry.stated.contains(.direction) else { return }
    direction = (0..<9).map { geometry.direction[$0 % 3][$0 / 3] }
    orientation = geometry.orientation
  }
}
