/// An image ready for training: Float values, channel by channel, [C, H, W] or [C, D, H, W].
///
/// Every transform returns a new image and moves the geometry along with the voxels.
public struct FloatImage: Sendable, Hashable {
  /// Values in C order: channel, then slices, rows, columns.
  public var values: [Float]
  public let channels: Int
  /// Extents without the channels, slowest first: [rows, columns] or [slices, rows, columns].
  public let size: [Int]
  public var geometry: Geometry

  /// - Precondition: there are two or three extents, and the number of values matches channels and extents.
  public init(values: [Float], channels: Int = 1, size: [Int], geometry: Geometry = .unstated) {
    precondition(size.count == 2 || size.count == 3, "an image has two or three axes, not \(size.count)")
    precondition(values.count == channels * size.reduce(1, *), "values and size disagree")
    self.values = values
    self.channels = channels
    self.size = size
    self.geometry = geometry
  }

  /// Converts a volume to the image that training uses: interpreted (see `Volume.interpreted()`), with slope
  /// and intercept applied, and with colour as the first axis.
  ///
  /// - Throws: `ImageError.Code.unsupported` if an axis is neither space nor colour (such as time), or if the
  ///   meaning of the stored values is uncertain.
  public init(_ stored: Volume) throws(ImageError) {
    let volume = try stored.interpreted()
    let extra = zip(volume.axes, volume.shape).filter { ($0.0 == .time || $0.0 == .component) && $0.1 > 1 }
    if let (axis, extent) = extra.first {
      throw ImageError(
        .unsupported,
        "has \(extent) images along its \(axis.rawValue) axis; a training image must be one picture or one volume. Save the one "
          + "that is meant as a file of its own; if a NIfTI or NumPy file holds the channels of one image there, declare "
          + "as many `channels` in the study")
    }
    let channels = volume.channels
    let size = zip(volume.axes, volume.shape).filter { [.slice, .row, .column].contains($0.0) }.map(\.1)
    guard size.count >= 2 else { throw ImageError(.unsupported, "is not a picture or a volume") }
    let values = volume.floats()
    self.init(
      values: channels == 1 ? values : Self.channelsFirst(values, channels), channels: channels, size: size,
      geometry: volume.geometry)
  }

  /// The number of values per channel.
  public var channelCount: Int { size.reduce(1, *) }

  /// Whether the image has slices.
  public var isVolume: Bool { size.count == 3 }

  /// Extents along x, y, z; 1 slice for a picture.
  var extents: (x: Int, y: Int, z: Int) {
    size.count == 3 ? (size[2], size[1], size[0]) : (size[1], size[0], 1)
  }

  /// One slice of a volume as a picture.
  ///
  /// - Precondition: the image is a volume that has this slice.
  public func slice(_ index: Int) -> FloatImage {
    precondition(isVolume && (0..<size[0]).contains(index), "no slice \(index)")
    let length = size[1] * size[2]
    var picture: [Float] = []
    picture.reserveCapacity(channels * length)
    for channel in 0..<channels {
      let start = channel * channelCount + index * length
      picture.append(contentsOf: values[start..<start + length])
    }
    var placed = geometry
    placed.origin = geometry.position(of: [0, 0, Double(index)])
    return FloatImage(values: picture, channels: channels, size: Array(size.dropFirst()), geometry: placed)
  }

  /// An image with the same channels and a different size. Calls `fill` once per channel, with the new and
  /// the old values.
  func filled(
    size: [Int], geometry: Geometry,
    _ fill: (UnsafeMutableBufferPointer<Float>, UnsafeBufferPointer<Float>) -> Void
  )
    -> FloatImage
  {
    let length = size.reduce(1, *)
    let values = [Float](unsafeUninitializedCapacity: channels * length) { destination, count in
      self.values.withUnsafeBufferPointer { source in
        for channel in 0..<channels {
          fill(
            UnsafeMutableBufferPointer(rebasing: destination[channel * length..<(channel + 1) * length]),
            UnsafeBufferPointer(rebasing: source[channel * channelCount..<(channel + 1) * channelCount]))
        }
      }
      count = channels * length
    }
    return FloatImage(values: values, channels: channels, size: size, geometry: geometry)
  }

  private static func channelsFirst(_ values: [Float], _ channels: Int) -> [Float] {
    let length = values.count / channels
    return [Float](unsafeUninitializedCapacity: values.count) { destination, count in
      values.withUnsafeBufferPointer { source in
        for channel in 0..<channels {
          for index in 0..<length {
            destination[channel * length + index] = source[index * channels + channel]
          }
        }
      }
      count = values.count
    }
  }
}

/// The way in which values between voxel centres are computed.
public enum Interpolation: String, Sendable, Codable, CaseIterable {
  /// Linear interpolation along each axis; suitable for images.
  case linear
  /// The value of the nearest voxel; suitable for masks, whose values are categories.
  case nearest
}
