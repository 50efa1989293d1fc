/// A numerical array from a file in NumPy's `.npy` format. Its elements are in C order, whatever the order in
/// the file.
///
/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
public struct NumpyArray: Sendable, Hashable {
  /// Extents, slowest axis first; empty for a single number.
  public let shape: [Int]
  /// The elements, little-endian. Booleans become 0 and 1 of type uint8.
  public let elements: Voxels

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// - Throws: `ImageError` if the elements are not integers, floats or booleans, or if the content ends
  ///   early.
  init(_ bytes: [UInt8]) throws(ImageError) {
    guard bytes.starts(with: Self.magic), bytes.count >= 12 else {
      throw ImageError(.malformed, "is not a NumPy array: it does not begin with its signature")
    }
    let fields = ByteFields(bytes: bytes, isBigEndian: false)
    let wide = bytes[6] >= 2
    let start = wide ? 12 : 10
    let length = wide ? Int(fields.integer(UInt32.self, at: 8)) : Int(fields.integer(UInt16.self, at: 8))
    guard bytes.count - start >= length else {
      throw .short("the array's header", expected: length, found: bytes.count - start)
    }
    let header = try NumpyHeader(String(decoding: bytes[start..<start + length], as: UTF8.self))
    let size =
      header.shape.contains(0)
      ? 0 : try DeclaredSize.bytes(header.shape, elementSize: header.type.size)
    let found = bytes.count - start - length
    guard found >= size else { throw .short("the array's elements", expected: size, found: found) }
    var elements = Voxels(type: header.type, bytes: Array(bytes[(start + length)..<(start + length + size)]))
    if header.isBigEndian { elements.swapBytes() }
    shape = header.shape
    self.elements = header.isFortranOrder ? Self.cOrder(elements, shape: header.shape) : elements
  }

  /// The `index`-th part along the first axis, such as one image of a stack.
  ///
  /// - Precondition: the array has a first axis and `index` lies in it.
  public func part(_ index: Int) -> NumpyArray {
    let rest = Array(shape.dropFirst())
    let length = rest.reduce(1, *)
    return NumpyArray(shape: rest, elements: elements.slice(start: index * length, length: length))
  }

  /// The array as an image. A last axis of extent 3 or 4 is colour if there are at least two other axes. An
  /// axis before the slices is time.
  ///
  /// - Throws: `ImageError.Code.unsupported` for arrays of fewer than two axes or without elements.
  public func volume(format: String = "NumPy") throws(ImageError) -> Volume {
    let hasColour = shape.count >= 3 && (shape.last == 3 || shape.last == 4)
    let spatial = shape.count - (hasColour ? 1 : 0)
    guard spatial >= 2, elements.count > 0 else {
      throw ImageError(
        .unsupported, "the array of shape (\(shape.map(String.init).joined(separator: ", "))) is not an image"
      )
    }
    let names: [Volume.Axis] =
      Array(repeating: .component, count: max(0, spatial - 4))
      + [.time, .slice, .row, .column].suffix(spatial)
    return Volume(
      voxels: elements, shape: shape, axes: names + (hasColour ? [.channel] : []),
      source: ImageSource(format: format))
  }

  private init(shape: [Int], elements: Voxels) {
    self.shape = shape
    self.elements = elements
  }

  /// Reorders elements from Fortran order, in which the first axis is fastest, to C order, in which the last
  /// axis is fastest.
  private static func cOrder(_ elements: Voxels, shape: [Int]) -> Voxels {
    let size = elements.type.size
    var strides = [Int](repeating: size, count: shape.count)
    for axis in shape.indices.dropFirst() { strides[axis] = strides[axis - 1] * shape[axis - 1] }
    var index = [Int](repeating: 0, count: shape.count)
    var ordered: [UInt8] = []
    ordered.reserveCapacity(elements.bytes.count)
    for _ in 0..<elements.count {
      let offset = zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 }
      ordered.append(contentsOf: elements.bytes[offset..<offset + size])
      for axis in shape.indices.reversed() {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
      }
    }
    return Voxels(type: elements.type, bytes: ordered)
  }
}

/// Reads single `.npy` arrays as images.
public struct NumpyReader: ImageReader {
  public init() {}

  public func recognises(_ file: FileContent) -> Bool { file.bytes.starts(with: NumpyArray.magic) }

  public func read(_ file: FileContent) throws(ImageError) -> Volume {
    try NumpyArray(file.bytes).volume(format: "NumPy npy")
  }
}
