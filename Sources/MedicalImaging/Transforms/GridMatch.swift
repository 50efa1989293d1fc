import Glibc

/// The result of comparing the grid of an image with the grid of a reference image: the positions of their
/// voxels in the patient. Only facts that both files state are compared.
///
/// Before the comparison, the image's axes are reordered and flipped to match the reference. Grids are equal
/// if origins agree within 0.001 mm, directions within 1e-5 and spacings within 1e-4 mm. Axes of a single
/// voxel have no direction or spacing to compare. If a file format rounds directions more coarsely, as a
/// NIfTI qform does, directions may differ by this rounding.
///
/// Origins and directions also agree if every corner of one grid is within 0.001 mm of the same corner of the
/// other grid.
public struct GridMatch: Sendable, Hashable {
  /// A difference between the grids that remains after the image's axes were reordered and flipped.
  public enum Difference: Sendable, Hashable {
    /// The numbers of voxels along x, y and z differ.
    case size(found: [Int], expected: [Int])
    /// The axes have different directions, given as letters such as `LPS` and as the angle between them in
    /// degrees.
    case direction(found: String, expected: String, degrees: Double)
    /// The centres of the first voxels are this distance apart, in millimetres.
    case origin(Double)
    /// The voxels have different spacings, in millimetres, along the axes with several voxels.
    case spacing(found: [Double], expected: [Double])
  }

  /// The differences between the grids. The list is empty if the image is on the reference's grid, even if
  /// its axes must first be reordered or flipped.
  public private(set) var differences: [Difference] = []
  /// Whether exactly one of the two files states the directions of its axes, so that their agreement cannot
  /// be checked.
  public let isUnproven: Bool
  /// For each axis of the reference, the matching axis of the image.
  let order: [Int]
  /// For each axis of the reference, whether the matching axis of the image is reversed.
  let flips: [Bool]

  /// Whether the image's voxels must be reordered to match the reference.
  public var isTurned: Bool { order != [0, 1, 2] || flips.contains(true) }

  /// Compares the grid of an image with the grid of a reference image.
  public init(of image: FloatImage, on reference: FloatImage) {
    let both = image.geometry.stated.intersection(reference.geometry.stated)
    let either = image.geometry.stated.union(reference.geometry.stated)
    isUnproven = either.contains(.direction) && !both.contains(.direction)
    let canTurn = both.contains(.direction) && image.size.count == reference.size.count
    (order, flips) =
      canTurn
      ? Self.axes(of: image.geometry, along: reference.geometry, count: image.size.count)
      : ([0, 1, 2], [false, false, false])
    let turned = image.turnedGeometry(order, flips)
    let extents = Self.extents(image)
    guard image.size.count == reference.size.count, order.map({ extents[$0] }) == Self.extents(reference)
    else {
      differences.append(.size(found: image.size.reversed(), expected: reference.size.reversed()))
      return
    }
    compare(turned, image, reference, both)
  }

  private static func extents(_ image: FloatImage) -> [Int] {
    [image.extents.x, image.extents.y, image.extents.z]
  }

  /// For each axis of the reference, the nearest axis of the image, and whether it is reversed. The pair of
  /// axes with the smallest angle is matched first.
  private static func axes(
    of image: Geometry, along reference: Geometry, count: Int
  ) -> (order: [Int], flips: [Bool]) {
    var (order, flips) = ([0, 1, 2], [false, false, false])
    var pairs = (0..<count).flatMap { to in (0..<count).map { from in (to, from) } }
    func cosine(_ pair: (Int, Int)) -> Double { reference.direction[pair.0].dot(image.direction[pair.1]) }
    while let best = pairs.max(by: { abs(cosine($0)) < abs(cosine($1)) }) {
      order[best.0] = best.1
      flips[best.0] = cosine(best) < 0
      pairs.removeAll { $0.0 == best.0 || $0.1 == best.1 }
    }
    return (order, flips)
  }

  private mutating func compare(
    _ turned: Geometry, _ image: FloatImage, _ reference: FloatImage, _ both: Geometry.Stated
  ) {
    let expected = reference.geometry
    let axes = (0..<3).filter { Self.extents(reference)[$0] > 1 }
    let stated = turned.stated.intersection(expected.stated)
    let steps = axes.filter { stated.contains(.spacing(along: $0)) }
    if steps.contains(where: { abs(turned.spacing[$0] - expected.spacing[$0]) > Tolerance.spacing }) {
      differences.append(
        .spacing(found: axes.map { turned.spacing[$0] }, expected: axes.map { expected.spacing[$0] }))
    }
    if both.isSuperset(of: [.direction, .origin]),
      Self.corners(turned, expected, reference) <= Tolerance.origin
    {
      return
    }
    guard both.contains(.direction) else { return }
    let off = axes.map { Self.greatest(turned.direction[$0] - expected.direction[$0]) }.max() ?? 0
    let noise = max(turned.directionError, expected.directionError)
    if off > max(Tolerance.direction, noise) {
      let chord = axes.map { (turned.direction[$0] - expected.direction[$0]).length }.max() ?? 0
      // Compute the angle from the distance between the unit vectors. Their cosine would be too inaccurate:
      // it hardly changes for small angles.
      let angle = 2 * asin(min(1, chord / 2)) * 180 / .pi
      differences.append(
        .direction(
          found: image.geometry.orientation, expected: expected.orientation, degrees: angle))
    }
    // Allow for rounded directions: flipping an axis shifts the origin by up to the rounding error times the
    // axis's length.
    let reach = axes.map { Double(Self.extents(reference)[$0]) * expected.spacing[$0] }.max() ?? 0
    let shift = Self.greatest(turned.origin - expected.origin)
    if both.contains(.origin), shift > Tolerance.origin + noise * reach {
      differences.append(.origin((turned.origin - expected.origin).length))
    }
  }

  /// The largest distance between corresponding corners of the grids. It shows how far a small difference of
  /// directions moves voxels: on a short axis, hardly at all.
  private static func corners(_ one: Geometry, _ other: Geometry, _ image: FloatImage) -> Double {
    let last = extents(image).map { Double($0 - 1) }
    let distances = (0..<8).map { corner in
      let index = SIMD3<Double>(
        corner & 1 == 0 ? 0 : last[0], corner & 2 == 0 ? 0 : last[1], corner & 4 == 0 ? 0 : last[2])
      return (one.position(of: index) - other.position(of: index)).length
    }
    return distances.max() ?? 0
  }

  private static func greatest(_ vector: SIMD3<Double>) -> Double {
    max(abs(vector.x), abs(vector.y), abs(vector.z))
  }

  /// The tolerances. Each is a tenth larger than documented, so that a difference of exactly the documented
  /// size passes in spite of the rounding of 32-bit floats.
  private enum Tolerance {
    static let origin = 1.1e-3
    static let direction = 1.1e-5
    static let spacing = 1.1e-4
  }
}

extension FloatImage {
  /// The image with its voxels in the reference's order, and with the geometry of the reference.
  ///
  /// - Precondition: `match` was computed for this image and has no differences.
  public func brought(onto reference: FloatImage, by match: GridMatch) -> FloatImage {
    precondition(match.differences.isEmpty, "the image lies on another grid")
    var image = match.isTurned ? permuted(match.order, match.flips) : self
    image.geometry = reference.geometry
    return image
  }
}
