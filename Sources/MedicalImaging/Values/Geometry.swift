/// The position of an image's voxels in the patient: spacing, origin and direction, in millimetres.
///
/// Coordinates are LPS, as in DICOM and ITK: x to the patient's left, y to the back (posterior), z to the
/// head (superior). The index axes are x (columns), y (rows) and z (slices). `Volume.shape` lists them in
/// reverse, the slowest axis first.
public struct Geometry: Sendable, Hashable {
  /// Distance between neighbouring voxel centres along the index axes x, y, z.
  public var spacing: SIMD3<Double>
  /// Position of the centre of voxel (0, 0, 0).
  public var origin: SIMD3<Double>
  /// Unit vectors of the index axes x, y, z in patient coordinates.
  public var direction: Direction
  /// The parts that the file states. All other parts have placeholders: spacing 1, unit axes and origin zero.
  public var stated: Stated

  /// The largest error of a component of a direction that the rounding in the file's format can cause.
  public var directionError = 0.0

  /// Whether the file states any part of the geometry.
  public var isStated: Bool { !stated.isEmpty }

  /// Unit vectors of the index axes.
  public struct Direction: Sendable, Hashable {
    public var x, y, z: SIMD3<Double>

    public init(x: SIMD3<Double>, y: SIMD3<Double>, z: SIMD3<Double>) {
      self.x = x
      self.y = y
      self.z = z
    }

    public static let identity = Self(x: [1, 0, 0], y: [0, 1, 0], z: [0, 0, 1])

    public subscript(axis: Int) -> SIMD3<Double> {
      get { axis == 0 ? x : axis == 1 ? y : z }
      set {
        switch axis {
        case 0: x = newValue
        case 1: y = newValue
        default: z = newValue
        }
      }
    }
  }

  public init(
    spacing: SIMD3<Double> = [1, 1, 1], origin: SIMD3<Double> = .zero, direction: Direction = .identity,
    stated: Stated = .all
  ) {
    self.spacing = spacing
    self.origin = origin
    self.direction = direction
    self.stated = stated
  }

  /// A placeholder for files that state no geometry, such as photographs.
  public static let unstated = Self(stated: [])

  /// Creates the geometry from an affine map of voxel indices to LPS millimetres.
  ///
  /// A column of length zero (as in a header without a third axis) gets spacing 1 and the matching unit
  /// vector.
  init(columns: Direction, origin: SIMD3<Double>, stated: Stated = .all) {
    self.init(origin: origin, stated: stated)
    for axis in 0..<3 {
      let length = columns[axis].length
      guard length > 0, length.isFinite else { continue }
      spacing[axis] = length
      direction[axis] = columns[axis] / length
    }
  }

  /// The LPS position of a (possibly fractional) voxel index x, y, z.
  public func position(of index: SIMD3<Double>) -> SIMD3<Double> {
    let scaled = index * spacing
    return origin + direction.x * scaled.x + direction.y * scaled.y + direction.z * scaled.z
  }
}

extension SIMD3<Double> {
  func dot(_ other: Self) -> Double { (self * other).sum() }
  func cross(_ other: Self) -> Self {
    [y * other.z - z * other.y, z * other.x - x * other.z, x * other.y - y * other.x]
  }
  var length: Double { dot(self).squareRoot() }
}
