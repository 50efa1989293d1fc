import MedicalImaging

/// Facts about one record's files before preprocessing, used to compare a site's records.
struct RecordTraits: Sendable, Equatable {
  /// A digest of the input images' values and sizes: equal for the same scan, whatever the file's name.
  var pixels: UInt64 = 0
  /// A digest of the mask's class indices; `nil` without a mask.
  var mask: UInt64?
  /// The patient's identifier in a DICOM file that was not de-identified. It is compared, and never printed.
  var patient: String?
  /// Whether a channel of an input image has one value throughout.
  var isConstant = false
  /// The class indices that occur in the mask; empty without a mask.
  var classes: Set<Int> = []
  /// The share of the mask's voxels that are of the first class, the background; `nil` without a mask.
  var backgroundShare: Double?
  /// The directions of a volume's axes, such as `LPS`; `nil` for a picture, or if the file does not state
  /// them.
  var orientation: String?
}

extension RecordTraits {
  init(_ image: FloatImage, mask: FloatImage?) {
    pixels = Self.digest(image)
    self.mask = mask.map(Self.digest)
    isConstant = (0..<image.channels).contains { channel in
      let values = image.values[channel * image.channelCount..<(channel + 1) * image.channelCount]
      return values.count > 1 && values.allSatisfy { $0 == values.first }
    }
    if image.isVolume, image.geometry.stated.contains(.direction) { orientation = image.geometry.orientation }
    guard let mask else { return }
    backgroundShare = Double(mask.values.count { $0 == 0 }) / Double(max(1, mask.values.count))
    var isPresent = [Bool](repeating: false, count: 256)
    for value in mask.values { isPresent[Int(value)] = true }
    classes = Set(isPresent.indices.filter { isPresent[$0] })
  }

  /// A fast 64-bit digest. The probability of any collision among a million images is below one in ten
  /// million.
  private static func digest(_ image: FloatImage) -> UInt64 {
    var digest: UInt64 = 0xCBF2_9CE4_8422_2325
    func add(_ word: UInt64) {
      digest = (digest ^ word) &* 0x9E37_79B9_7F4A_7C15
      digest ^= digest >> 32
    }
    for extent in [image.channels] + image.size { add(UInt64(extent)) }
    for value in image.values { add(UInt64(value.bitPattern)) }
    return digest
  }
}
