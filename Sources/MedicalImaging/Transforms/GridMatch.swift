import Glibc

/// The result of comparing an image's grid with the grid of a reference image. Only what both files state is
/// compared.
///
/// Before the comparison, the image's axes are reordered and flipped to match the reference. Grids are equal
/// if origins agree within 0.001 mm, directions within 1e-5 and spacings within 1e-4 mm. Axes of a single
/// voxel have no direction or spacing to compare. Where a format rounds directions more coarsely, as a NIfTI
/// qform does, directions may differ by that rounding.
///
/// Origins and directions also agree if every corner of one grid is within 0.001 mm of the same corner of the
/// other grid.
public struct GridMatch: Sendable, Hashable {
  /// A difference that remains after the image's axes were reordered and flipped.
  public enum Difference: Sendable, Hashable {
    /// The extents along x, y and z.
    case size(found: [Int], expected: [Int])
    /// The letters of the axes in both images, and the angle between the axes in degrees.
    case direction(found: String, expected: String, degrees: Double)
    /// The distance in millimetres between the centres of the two first voxels.
    case origin(Double)
    /// The spacings in millimetres along the axes that have several voxels.
    case spacing(found: [Double], expected: [Double])
  }

  /// The differences; empty if the image is on the reference's grid, perhaps after reordering and flipping
  /// its axes.
  public private(set) var differences: [Difference] = []
  /// Whether exactly one of the two files states the directions of its axes, so that their agreement cannot
  /// be checked.
  public let isUnproven: Bool
  /// For each axis of the reference, the matching axis of the image.
  let order: [Int]
  /// For each axis of the reference, whether the matching axis of the image is reversed.
  let flips: [Bool]

  /// Whether the image's voxels must be reordered.
  public var isTurned: Bool { order != [0, 1, 2] || flips.contains(true) }

  /// Compares an image's grid with a reference's.
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

  /// For each axis of the reference, the nearest axis of the image and whether it is reversed. The closest
  /// pair is assigned first.
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
      // Compute the angle from the chord between the unit vectors. A small angle hardly changes the cosine.
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
  /// The image with its voxels in the reference's order, and with the reference's geometry.
  ///
  /// - Precondition: `match` was computed for this image and has no differences.
  public func brought(onto reference: FloatImage, by match: GridMatch) -> FloatImage {
    precondition(match.differences.isEmpty, "the image lies on another grid")
    var image = match.isTurned ? permuted(match.order, match.flips) : self
    image.geometry = reference.geometry
    return image
  }
}
