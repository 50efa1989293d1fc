/// A number type in which voxels can be stored.
protocol VoxelElement: Comparable, Sendable {
  var asFloat: Float { get }
  var asDouble: Double { get }
  var isFinite: Bool { get }
  /// Whether `Float` represents every value of the type exactly.
  static var fitsFloat: Bool { get }
}

extension VoxelElement where Self: FixedWidthInteger {
  var asFloat: Float { Float(self) }
  var asDouble: Double { Double(self) }
  var isFinite: Bool { true }
  static var fitsFloat: Bool { bitWidth <= 16 }
}

extension UInt8: VoxelElement {}
extension Int8: VoxelElement {}
extension UInt16: VoxelElement {}
extension Int16: VoxelElement {}
extension UInt32: VoxelElement {}
extension Int32: VoxelElement {}
extension UInt64: VoxelElement {}
extension Int64: VoxelElement {}
extension Float: VoxelElement {
  var asFloat: Float { self }
  var asDouble: Double { Double(self) }
  static var fitsFloat: Bool { true }
}
extension Double: VoxelElement {
  var asFloat: Float { Float(self) }
  var asDouble: Double { self }
  static var fitsFloat: Bool { false }
}

/// An operation that works on voxels of every stored type.
protocol ElementVisitor {
  associatedtype Result
  func visit<Element: VoxelElement>(_ elements: UnsafeBufferPointer<Element>) -> Result
}

/// Converts voxels to `Float` and applies slope and intercept.
struct FloatConversion: ElementVisitor {
  let destination: UnsafeMutableBufferPointer<Float>
  let slope: Double
  let intercept: Double

  func visit<Element: VoxelElement>(_ elements: UnsafeBufferPointer<Element>) {
    if slope == 1, intercept == 0 {
      for i in 0..<elements.count { destination[i] = elements[i].asFloat }
    } else if Element.fitsFloat {
      let (slope, intercept) = (Float(slope), Float(intercept))
      for i in 0..<elements.count { destination[i] = elements[i].asFloat * slope + intercept }
    } else {
      for i in 0..<elements.count { destination[i] = Float(elements[i].asDouble * slope + intercept) }
    }
  }
}

/// Finds the least and greatest finite value.
struct RangeSearch: ElementVisitor {
  func visit<Element: VoxelElement>(_ elements: UnsafeBufferPointer<Element>) -> ClosedRange<Double>? {
    guard let first = elements.first(where: \.isFinite) else { return nil }
    var (low, high) = (first, first)
    for element in elements where element.isFinite {
      low = min(low, element)
      high = max(high, element)
    }
    return low.asDouble...high.asDouble
  }
}
