/// NIfTI-1 and NIfTI-2 images (`.nii`, `.nii.gz`, `.hdr` with `.img`), of either byte order.
///
/// Voxels keep the file's order: [slices, rows, columns] for NIfTI's x, y, z. A fourth axis is time and
/// becomes the first axis. Colour is the last axis. Complex numbers become two channels. CIFTI-2 matrices
/// become [rows, columns].
public struct NiftiReader: ImageReader {
  public init() {}

  public func recognises(_ file: FileContent) -> Bool { NiftiHeader.version(of: file.head) != nil }

  public func read(_ file: FileContent) throws(ImageError) -> Volume {
    let header = try NiftiHeader(file.head)
    let (type, channels) = try Self.element(header.datatype)
    let (shape, axes) = Self.shape(header, channels: channels)
    let size = try DeclaredSize.bytes(shape, elementSize: type.size)
    let image = header.isSingleFile ? file : try NiftiPair.image(of: file)
    let (bytes, isWhole) = try Self.bytes(image, offset: header.voxelOffset, size: size)
    if let extent = header.undeclaredExtent, !isWhole {
      throw ImageError(
        .malformed,
        "its NIfTI header declares \(header.dimensions.count) dimensions, yet a further extent of \(extent) "
          + "and more voxels follow; correct dim[0]")
    }
    var voxels = Voxels(type: type, bytes: bytes)
    if header.isBigEndian { voxels.swapBytes() }
    let encoding = (header.isBigEndian ? "big-endian" : "little-endian") + (image.isGzipped ? ", gzip" : "")
    return Volume(
      voxels: voxels, shape: shape, axes: axes, geometry: try header.geometry(), slope: header.slope,
      intercept: header.intercept, source: ImageSource(format: "NIfTI-\(header.version)", encoding: encoding))
  }

  /// The voxel bytes, decompressed if necessary, and whether the file ends after them.
  private static func bytes(
    _ file: FileContent, offset: Int, size: Int
  ) throws(ImageError) -> ([UInt8], isWhole: Bool) {
    guard file.isGzipped else {
      guard file.bytes.count - offset >= size else {
        throw .short("the voxels", expected: size, found: max(0, file.bytes.count - offset))
      }
      return (Array(file.bytes[offset..<offset + size]), file.bytes.count - offset == size)
    }
    try DeclaredSize.check(size + offset, compressed: file.bytes.count)
    return try withBytes(file.bytes) { source throws(ImageError) in
      let inflater = try Inflater(source)
      _ = try inflater.exactly(offset, "the header and its extensions")
      let voxels = try inflater.exactly(size, "the voxels")
      // Read beyond the voxels, so that the decompressor reaches the end of the stream and verifies its
      // checksum.
      return (voxels, try inflater.next(8).isEmpty)
    }
  }

  /// Extents and axes, slowest first.
  private static func shape(_ header: NiftiHeader, channels: Int) -> ([Int], [Volume.Axis]) {
    var extents = header.dimensions
    if extents.count == 1 { extents.append(1) }
    // CIFTI-2 keeps a matrix in dimensions 5 and 6.
    let isMatrix =
      (3000..<3100).contains(header.intent) && extents.count >= 6 && extents[0..<4].allSatisfy { $0 == 1 }
    if isMatrix { return (extents[4...].reversed(), extents[4...].map { _ in .component }) }
    while extents.count > 3, extents.last == 1 { extents.removeLast() }
    let names: [Volume.Axis] = [.column, .row, .slice, .time, .component, .component, .component]
    let axes = Array(names.prefix(extents.count).reversed())
    return channels > 1
      ? (extents.reversed() + [channels], axes + [.channel]) : (extents.reversed(), axes)
  }

  private static func element(_ datatype: Int) throws(ImageError) -> (ElementType, channels: Int) {
    switch datatype {
    case 2: (.uint8, 1)
    case 4: (.int16, 1)
    case 8: (.int32, 1)
    case 16: (.float32, 1)
    case 32: (.float32, 2)
    case 64: (.float64, 1)
    case 128: (.uint8, 3)
    case 256: (.int8, 1)
    case 512: (.uint16, 1)
    case 768: (.uint32, 1)
    case 1024: (.int64, 1)
    case 1280: (.uint64, 1)
    case 1792: (.float64, 2)
    case 2304: (.uint8, 4)
    case 1, 1536, 2048:
      throw ImageError(.unsupported, "NIfTI data type \(datatype) (bits or 128-bit floats) is not supported")
    default: throw ImageError(.malformed, "its NIfTI header declares the unknown data type \(datatype)")
    }
  }
}
