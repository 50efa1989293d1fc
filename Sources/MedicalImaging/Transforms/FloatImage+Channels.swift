extension FloatImage {
  /// Converts a volume to an image with the expected number of channels, if no information is lost.
  ///
  /// The fourth axis of a NIfTI or NumPy file, which is time in these formats, becomes the channel axis if
  /// its extent is the expected number. Transparency is dropped if it is constant. Red, green and blue become
  /// one grey channel if they are equal.
  ///
  /// In all other cases the channels stay unchanged, so the caller must compare their number with `expected`.
  ///
  /// - Throws: `ImageError.Code.unsupported` if there are several images that are not channels.
  public init(_ volume: Volume, channels expected: Int) throws(ImageError) {
    let images = volume.extent(.time) * volume.extent(.component)
    if images > 1, images == expected, volume.channels == 1, volume.source.format != "DICOM" {
      let size = zip(volume.axes, volume.shape).filter { [.slice, .row, .column].contains($0.0) }.map(\.1)
      guard size.count >= 2 else { throw ImageError(.unsupported, "is not a picture or a volume") }
      // No reordering is needed: the images are stored one after another, like channels.
      self.init(values: volume.floats(), channels: images, size: size, geometry: volume.geometry)
      return
    }
    let image = try FloatImage(volume)
    guard image.channels != expected else {
      self = image
      return
    }
    let opaque = volume.hasAlpha ? image.withoutConstantAlpha() : image
    self = expected == 1 && opaque.hasEqualChannels ? opaque.channel(0) : opaque
  }

  /// Whether all channels of a colour picture hold the same values.
  private var hasEqualChannels: Bool {
    let length = channelCount
    guard channels == 3 else { return channels == 1 }
    return (0..<length).allSatisfy {
      values[$0] == values[$0 + length] && values[$0] == values[$0 + 2 * length]
    }
  }

  private func withoutConstantAlpha() -> FloatImage {
    let alpha = values[(channels - 1) * channelCount..<channels * channelCount]
    guard let first = alpha.first, first > 0, alpha.allSatisfy({ $0 == first }) else { return self }
    return FloatImage(
      values: Array(values.prefix((channels - 1) * channelCount)), channels: channels - 1, size: size,
      geometry: geometry)
  }

  private func channel(_ index: Int) -> FloatImage {
    FloatImage(
      values: Array(values[index * channelCount..<(index + 1) * channelCount]), size: size, geometry: geometry
    )
  }
}

extension Volume {
  /// Whether the last channel is transparency.
  fileprivate var hasAlpha: Bool {
    switch source.format {
    case "PNG": channels == 2 || channels == 4
    case "NIfTI-1", "NIfTI-2": channels == 4 && voxels.type == .uint8
    default: false
    }
  }
}
