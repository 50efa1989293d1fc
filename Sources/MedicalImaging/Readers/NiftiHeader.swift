/// The header of a NIfTI-1 or NIfTI-2 file, of either byte order.
///
/// https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h and nifti2.h
struct NiftiHeader {
  let version: Int
  let isBigEndian: Bool
  /// Whether the voxels follow in the same file (`.nii`); otherwise they are in an `.img` file next to it.
  let isSingleFile: Bool
  /// Extents in file order: x, y, z, time and three more.
  let dimensions: [Int]
  let datatype: Int
  let pixdim: [Double]
  let voxelOffset: Int
  let slope: Double
  let intercept: Double
  let qformCode: Int
  let sformCode: Int
  /// The components b, c and d of the qform's unit quaternion, followed by the offset along x, y and z.
  let quaternion: [Double]
  /// The rows of the sform's affine map, in RAS and the file's unit of length.
  let affineRows: [[Double]]
  let intent: Int
  /// The code whose lowest three bits are the unit of length: 0 is unknown, 1 metres, 2 millimetres, 3
  /// micrometres.
  let unitCode: Int
  /// An extent above 1 after the declared dimensions; `nil` if there is none. It shows that the declared
  /// number of dimensions is wrong.
  let undeclaredExtent: Int?

  static func version(of head: [UInt8]) -> Int? {
    if head.count >= 348, ["n+1\0", "ni1\0"].contains(where: { head[344..<348].elementsEqual($0.utf8) }) {
      return 1
    }
    if head.count >= 540, ["n+2\0", "ni2\0"].contains(where: { head[4..<8].elementsEqual($0.utf8) }) {
      return 2
    }
    return nil
  }

  init(_ head: [UInt8]) throws(ImageError) {
    guard let version = Self.version(of: head) else {
      throw ImageError(.malformed, "has no NIfTI-1 or NIfTI-2 signature")
    }
    self.version = version
    let size = version == 1 ? 348 : 540
    guard
      let bigEndian = [false, true].first(where: {
        ByteFields(bytes: head, isBigEndian: $0).integer(Int32.self, at: 0) == size
      })
    else { throw ImageError(.malformed, "its NIfTI-\(version) header does not begin with its size, \(size)") }
    isBigEndian = bigEndian
    isSingleFile = head[version == 1 ? 345 : 5] == UInt8(ascii: "+")
    let fields = ByteFields(bytes: head, isBigEndian: bigEndian)
    let layout = version == 1 ? FieldReader.nifti1(fields) : FieldReader.nifti2(fields)

    let rank = layout.integer(layout.dim)
    guard (1...7).contains(rank) else {
      throw ImageError(.malformed, "its NIfTI header declares \(rank) dimensions, expected 1 to 7")
    }
    dimensions = (1...rank).map { layout.integer(layout.dim + $0 * layout.dimSize) }
    undeclaredExtent = (rank..<7).map { layout.integer(layout.dim + ($0 + 1) * layout.dimSize) }.first {
      $0 > 1
    }
    datatype = Int(fields.integer(Int16.self, at: layout.datatype))
    pixdim = (0..<8).map { layout.real(layout.pixdim + $0 * layout.realSize) }
    (slope, intercept) = try Self.scaling(
      layout.real(layout.slope), layout.real(layout.slope + layout.realSize), datatype: datatype)
    voxelOffset = try Self.offset(layout, version: version, isSingleFile: isSingleFile)
    qformCode = layout.code(layout.qform)
    sformCode = layout.code(layout.qform + layout.codeSize)
    quaternion = (0..<6).map { layout.real(layout.quaternion + $0 * layout.realSize) }
    affineRows = (0..<3).map { row in
      (0..<4).map { layout.real(layout.quaternion + (6 + row * 4 + $0) * layout.realSize) }
    }
    intent = layout.code(layout.intent)
    unitCode =
      version == 1 ? Int(head[layout.units]) : Int(fields.integer(Int32.self, at: layout.units))
  }

  /// The slope and intercept of the voxels; 1 and 0 for voxels without scaling.
  ///
  /// Colours are never scaled. A slope of 0 means no scaling. A slope of NaN also means no scaling if the
  /// intercept is 0 or NaN; nibabel writes NaN for both.
  private static func scaling(
    _ slope: Double, _ intercept: Double, datatype: Int
  ) throws(ImageError) -> (Double, Double) {
    let isColour = datatype == 128 || datatype == 2304
    let isStated = !(slope.isNaN && (intercept.isNaN || intercept == 0)) && slope != 0
    guard isStated, !isColour else { return (1, 0) }
    guard slope.isFinite, intercept.isFinite else {
      throw ImageError(
        .malformed,
        "its NIfTI header scales the voxels by values that are not numbers (scl_slope, scl_inter); "
          + "write the file again with a slope of 1 and an intercept of 0, or with the right ones")
    }
    return (slope, intercept)
  }

  private static func offset(
    _ layout: FieldReader, version: Int, isSingleFile: Bool
  ) throws(ImageError) -> Int {
    let least = isSingleFile ? (version == 1 ? 352 : 544) : 0
    let stated =
      version == 1 ? layout.real(layout.offset) : Double(layout.fields.integer(Int64.self, at: layout.offset))
    guard stated.isFinite, stated >= 0, stated < 0x1p53 else {
      throw ImageError(.malformed, "its NIfTI header places the voxels at byte \(stated)")
    }
    return max(Int(stated), least)
  }
}

/// Reads the header's fields, whose offsets and widths differ between the two versions.
private struct FieldReader {
  let fields: ByteFields
  let dim, dimSize, datatype, pixdim, realSize, offset, slope, qform, codeSize, quaternion, intent, units: Int

  static func nifti1(_ fields: ByteFields) -> Self {
    Self(
      fields: fields, dim: 40, dimSize: 2, datatype: 70, pixdim: 76, realSize: 4, offset: 108, slope: 112,
      qform: 252, codeSize: 2, quaternion: 256, intent: 68, units: 123)
  }

  static func nifti2(_ fields: ByteFields) -> Self {
    Self(
      fields: fields, dim: 16, dimSize: 8, datatype: 12, pixdim: 104, realSize: 8, offset: 168, slope: 176,
      qform: 344, codeSize: 4, quaternion: 352, intent: 504, units: 500)
  }

  func integer(_ offset: Int) -> Int {
    dimSize == 2 ? Int(fields.integer(Int16.self, at: offset)) : Int(fields.integer(Int64.self, at: offset))
  }
  func real(_ offset: Int) -> Double { realSize == 4 ? fields.float(at: offset) : fields.double(at: offset) }
  func code(_ offset: Int) -> Int {
    codeSize == 2 ? Int(fields.integer(Int16.self, at: offset)) : Int(fields.integer(Int32.self, at: offset))
  }
}
