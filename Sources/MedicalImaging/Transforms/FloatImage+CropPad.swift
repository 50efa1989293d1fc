extension FloatImage {
  /// The middle of the image at exactly `size`: cropped if the image is larger, padded if it is smaller.
  ///
  /// If the difference is odd, one more voxel is cropped, or padded, at the end.
  ///
  /// - Throws: `ImageError.Code.invalidArgument` if the number of extents differs or one is below 1.
  public func croppedOrPadded(to size: [Int], fill: Float = 0) throws(ImageError) -> FloatImage {
    guard size.count == self.size.count, size.allSatisfy({ $0 > 0 }) else {
      throw ImageError(.invalidArgument, "cannot crop or pad an image of \(self.size) to \(size)")
    }
    return window(
      start: zip(self.size, size).map { ($0 - $1) >= 0 ? ($0 - $1) / 2 : -(($1 - $0) / 2) }, size: size,
      fill: fill)
  }

  /// The part of the image that begins at `start` (slowest axis first) and has `size`; `fill` outside the
  /// image.
  public func window(start: [Int], size newSize: [Int], fill: Float = 0) -> FloatImage {
    precondition(start.count == size.count && newSize.count == size.count, "as many extents as axes")
    // A picture is a volume of one slice.
    let (old, from, new) = (Self.three(size, 1), Self.three(start, 0), Self.three(newSize, 1))
    var placed = geometry
    placed.origin = geometry.position(of: [Double(from[2]), Double(from[1]), Double(from[0])])
    let columns = max(0, from[2])..<max(0, from[2], min(old[2], from[2] + new[2]))
    return filled(size: newSize, geometry: placed) { destination, source in
      destination.initialize(repeating: fill)
      for z in 0..<new[0] where (0..<old[0]).contains(z + from[0]) {
        for y in 0..<new[1] where (0..<old[1]).contains(y + from[1]) {
          let row = ((z + from[0]) * old[1] + y + from[1]) * old[2]
          let target = (z * new[1] + y) * new[2] - from[2]
          for x in columns { destination[target + x] = source[row + x] }
        }
      }
    }
  }

  private static func three(_ extents: [Int], _ missing: Int) -> [Int] {
    extents.count == 3 ? extents : [missing] + extents
  }
}
