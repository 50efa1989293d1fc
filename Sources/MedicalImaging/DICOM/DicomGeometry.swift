/// The position of each frame of a DICOM image, and the orientation and spacing that all frames share (PS3.3,
/// C.7.6.2 and C.7.6.16.2).
struct DicomGeometry: Sendable {
  /// Position of each frame's first pixel; fewer positions than frames if the file does not state all.
  private(set) var positions: [SIMD3<Double>] = []
  /// Unit vectors along a row (x) and down a column (y), and their normal; `nil` if the file states none.
  private(set) var orientation: Geometry.Direction?
  /// Distances between columns (x) and rows (y), and between slices (z) if stated.
  private(set) var spacing: SIMD3<Double> = [1, 1, 1]
  private(set) var hasSpacing = false
  private(set) var hasSliceSpacing = false
  /// Whether frames differ in orientation or pixel spacing.
  private(set) var hasSeveralPlanes = false

  /// - Throws: `ImageError` if a stated distance, position or direction is unreadable.
  init(_ dataSet: DicomDataSet, frames: Int) throws(ImageError) {
    let shared = try dataSet.items(.sharedGroups).first
    let perFrame = try dataSet.items(.perFrameGroups)
    let groups = [shared, perFrame.first].compactMap(\.self)
    try readSpacing(try Self.first(.pixelMeasures, of: groups) ?? dataSet)
    orientation = try Self.direction(try Self.first(.planeOrientation, of: groups) ?? dataSet)
    for frame in perFrame {
      try compare(frame)
      if let plane = try frame.items(.planePosition).first, let position = try Self.position(plane) {
        positions.append(position)
      }
    }
    let common = try shared?.items(.planePosition).first ?? dataSet
    if positions.isEmpty, let position = try Self.position(common) {
      positions = [position] + (try doseFrames(dataSet, from: position, frames: frames))
    }
  }

  /// The first item of the sequence `tag`, taken from the first data set in `groups` that has this sequence.
  private static func first(_ tag: DicomTag, of groups: [DicomDataSet]) throws(ImageError) -> DicomDataSet? {
    for group in groups {
      if let item = try group.items(tag).first { return item }
    }
    return nil
  }

  /// Records whether a frame's orientation or spacing differs from the first frame's.
  private mutating func compare(_ frame: DicomDataSet) throws(ImageError) {
    if let plane = try frame.items(.planeOrientation).first, let own = try Self.direction(plane),
      let orientation,
      own.x.dot(orientation.x) < 0.9999 || own.y.dot(orientation.y) < 0.9999
    {
      hasSeveralPlanes = true
    }
    if let measures = try frame.items(.pixelMeasures).first {
      let pair = try measures.stated(.pixelSpacing, count: 2)
      if pair.count == 2, abs(pair[0] - spacing.y) > 1e-4 || abs(pair[1] - spacing.x) > 1e-4 {
        hasSeveralPlanes = true
      }
    }
  }

  /// Direction across the slices: the cross product of row and column direction.
  var normal: SIMD3<Double>? { orientation?.z }

  /// The geometry of the first frame.
  var geometry: Geometry {
    Geometry(
      spacing: spacing, origin: positions.first ?? .zero, direction: orientation ?? .identity,
      stated: stated)
  }

  private var stated: Geometry.Stated {
    var stated: Geometry.Stated = []
    if hasSpacing { stated.insert(.planeSpacing) }
    if hasSliceSpacing { stated.insert(.sliceSpacing) }
    if orientation != nil { stated.insert(.direction) }
    if !positions.isEmpty { stated.insert(.origin) }
    return stated
  }

  /// The positions of the frames of a radiotherapy dose, except the first. The file states them as offsets
  /// along the normal (PS3.3, C.8.8.3.2).
  private func doseFrames(
    _ dataSet: DicomDataSet, from first: SIMD3<Double>, frames: Int
  ) throws(ImageError) -> [SIMD3<Double>] {
    let offsets = try dataSet.stated(.gridFrameOffsets)
    guard offsets.count == frames, frames > 1, let normal else { return [] }
    return offsets.dropFirst().map { first + normal * ($0 - offsets[0]) }
  }

  /// Reads the spacing. DICOM lists the distance between rows first, then the distance between columns.
  private mutating func readSpacing(_ dataSet: DicomDataSet) throws(ImageError) {
    for tag in [DicomTag.pixelSpacing, .imagerPixelSpacing] where !hasSpacing {
      let pair = try dataSet.stated(tag, count: 2)
      guard pair.count == 2 else { continue }
      guard pair.allSatisfy({ (1e-6...1e4).contains($0) }) else {
        throw ImageError(.malformed, "its \(tag.label) is not a distance above 0 in millimetres")
      }
      (spacing.y, spacing.x, hasSpacing) = (pair[0], pair[1], true)
    }
    for tag in [DicomTag.sliceThickness, .spacingBetweenSlices] {
      // Zero means an unknown thickness; a negative distance means that the slices run against the normal.
      if let distance = try dataSet.stated(tag, count: 1).first, distance != 0 {
        spacing.z = abs(distance)
        hasSliceSpacing = true
      }
    }
  }

  private static func direction(_ dataSet: DicomDataSet) throws(ImageError) -> Geometry.Direction? {
    let cosines = try dataSet.stated(.imageOrientation, count: 6)
    guard !cosines.isEmpty else { return nil }
    let row: SIMD3<Double> = [cosines[0], cosines[1], cosines[2]]
    let column: SIMD3<Double> = [cosines[3], cosines[4], cosines[5]]
    guard abs(row.length - 1) < 0.05, abs(column.length - 1) < 0.05, abs(row.dot(column)) < 0.02 else {
      throw ImageError(
        .malformed,
        "its \(DicomTag.imageOrientation.label) is not two directions of length 1 at right angles")
    }
    let normal = row.cross(column)
    return .init(x: row / row.length, y: column / column.length, z: normal / normal.length)
  }

  private static func position(_ dataSet: DicomDataSet) throws(ImageError) -> SIMD3<Double>? {
    let numbers = try dataSet.stated(.imagePosition, count: 3)
    guard numbers.allSatisfy({ abs($0) < 1e7 }) else {
      throw ImageError(.malformed, "its \(DicomTag.imagePosition.label) is not a position in millimetres")
    }
    return numbers.isEmpty ? nil : [numbers[0], numbers[1], numbers[2]]
  }
}
