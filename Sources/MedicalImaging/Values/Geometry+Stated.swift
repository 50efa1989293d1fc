extension Geometry {
  /// The parts of a geometry that a file states.
  ///
  /// A file may state only some parts: a radiograph states its pixel spacing, a photograph nothing. Parts
  /// that are not stated are never printed as millimetres, compared or used for resampling.
  public struct Stated: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The file states the distance between neighbouring columns (the spacing along x). Likewise below, for
    /// rows (y) and slices (z).
    public static let columnSpacing = Self(rawValue: 1)
    public static let rowSpacing = Self(rawValue: 2)
    public static let sliceSpacing = Self(rawValue: 4)
    public static let direction = Self(rawValue: 8)
    public static let origin = Self(rawValue: 16)

    public static let planeSpacing: Self = [.columnSpacing, .rowSpacing]
    public static let spacing: Self = [.planeSpacing, .sliceSpacing]
    public static let all: Self = [.spacing, .direction, .origin]

    /// The part that is the spacing along one index axis: 0 for x, 1 for y, 2 for z.
    public static func spacing(along axis: Int) -> Self { Self(rawValue: 1 << UInt8(axis)) }
  }

  /// The same geometry with its index axes in another order: new axis `i` is the old axis `order[i]`.
  public func reordered(_ order: [Int]) -> Geometry {
    var result = self
    result.stated.subtract(.spacing)
    for (new, old) in order.enumerated() {
      result.spacing[new] = spacing[old]
      result.direction[new] = direction[old]
      if stated.contains(.spacing(along: old)) { result.stated.insert(.spacing(along: new)) }
    }
    return result
  }
}
