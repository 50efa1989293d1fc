/// The meaning of stored values before slope and intercept: the modality LUT and the photometric
/// interpretation.
///
/// The meaning never includes a window, which belongs to the display rather than to the image (PS3.3,
/// C.7.6.3.1.2, C.11.1 and C.11.2).
public enum StoredMeaning: Sendable, Hashable {
  /// The stored values need no conversion before slope and intercept.
  case plain
  /// MONOCHROME1: the lowest stored value is the brightest, so values are inverted within this number of
  /// bits.
  case inverted(bits: Int)
  /// The stored values are looked up in a modality LUT, which replaces slope and intercept.
  case table(StoredTable)
  /// PALETTE COLOR: the stored values are palette indices.
  case palette(StoredPalette)
  /// YBR_FULL and its variants: the stored values are luminance and two colour differences.
  case lumaChroma(StoredColour)
  /// The image is a segmentation: each frame shows one or more segments at a position of its own.
  case segmentation(StoredSegments)
  /// The meaning of the values is uncertain, for the reason in the error.
  case refused(ImageError)

  /// The modality LUT of an image.
  public struct StoredTable: Sendable, Hashable {
    let table: StoredValueTable
  }

  /// The palette of an image: red, green and blue of each colour.
  public struct StoredPalette: Sendable, Hashable {
    let red, green, blue: StoredValueTable
    /// The number of bits by which entries are shifted right: for images of 8 bits, this reduces entries to 8
    /// bits.
    let shift: UInt16
  }

  /// Colours stored as luminance and two colour differences.
  public struct StoredColour: Sendable, Hashable {
    let colour: LumaChroma
  }

  /// The frames of a segmentation, with the segment and position of each.
  public struct StoredSegments: Sendable, Hashable {
    let frames: SegmentFrames
  }

  /// A description of how training converts the stored values; `nil` if training uses them unchanged.
  public var note: String? {
    switch self {
    case .plain: nil
    case .inverted: "training sees these values inverted, as MONOCHROME1 stores bright as low"
    case .table: "training sees these values after their modality LUT"
    case .palette: "training sees the colours of the palette, not these palette indices"
    case .lumaChroma: "training sees red, green and blue, not these luminances and colour differences"
    case .segmentation: "training sees one volume of segment numbers, each frame placed by its position"
    case .refused(let fault): "training refuses this image: \(fault.message)"
    }
  }
}

extension Volume {
  /// The image as training uses it, with modality LUT and photometric interpretation applied. Slope and
  /// intercept are not yet applied (see `floats()`); a window is never applied. Padding becomes NaN (see
  /// `withoutPadding(_:)`).
  ///
  /// - Throws: `ImageError` if the meaning of the values is uncertain.
  public func interpreted() throws(ImageError) -> Volume {
    let marks = padding?.marks(voxels) ?? []
    let image = try measured()
    return marks.contains(true) ? image.withoutPadding(marks) : image
  }

  /// The image with slope and intercept applied and NaN in place of padding.
  ///
  /// Exception: if no measurement is negative, padding whose value becomes 0 stays 0. Such padding is the
  /// background, which study options can exclude by ignoring zeros.
  ///
  /// - Parameter marks: whether each voxel is padding.
  private func withoutPadding(_ marks: [Bool]) -> Volume {
    var values = floats()
    let isBackground = !zip(values, marks).contains { value, isPadding in !isPadding && value < 0 }
    for index in values.indices where marks[index] && !(isBackground && values[index] == 0) {
      values[index] = .nan
    }
    var image = self
    image.voxels = Voxels(floats: values)
    (image.slope, image.intercept) = (1, 0)
    return image
  }

  /// The image with modality LUT and photometric interpretation applied. Padding is converted like any other
  /// value.
  private func measured() throws(ImageError) -> Volume {
    var image = self
    image.padding = nil
    image.meaning = .plain
    switch meaning {
    case .plain: return image
    case .refused(let fault): throw fault
    case .inverted(let bits): image.voxels = voxels.complement(bits: bits)
    case .table(let stored):
      image.voxels = Voxels(floats: voxels.floats().map { Float(stored.table[Int($0)]) })
    case .segmentation(let stored): return try stored.frames.volume(self)
    case .lumaChroma(let stored): image.voxels = Voxels(floats: stored.colour.rgb(voxels.floats()))
    case .palette(let palette):
      image.voxels = Voxels(floats: palette.colours(voxels.floats()))
      image.shape.append(3)
      image.axes.append(.channel)
    }
    return image
  }

  /// The image as a mask, in which palette indices are kept as class codes.
  ///
  /// - Throws: `ImageError` if it is uncertain which classes the values mean.
  public func asLabels() throws(ImageError) -> Volume {
    var labels = self
    // In a mask, the padding value may be a class code.
    labels.padding = nil
    switch meaning {
    case .palette:
      labels.meaning = .plain
      return labels
    case .inverted:
      throw ImageError(
        .unsupported,
        "is a mask of photometric interpretation MONOCHROME1, so it is unclear whether its values are inverted; "
          + "write it as MONOCHROME2")
    default: return try labels.interpreted()
    }
  }
}

extension StoredMeaning.StoredPalette {
  fileprivate func colours(_ values: [Float]) -> [Float] {
    values.flatMap { value in
      [red, green, blue].map { Float($0[Int(value)] >> shift) }
    }
  }
}
