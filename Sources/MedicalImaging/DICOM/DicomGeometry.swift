/// Where a DICOM image lies: each frame's position, the common orientation and spacing (PS3.3, C.7.6.2 and C.7.6.16.2).
struct DicomGeometry: Sendable {
  /// Position of each frame's first pixel; fewer than frames where the file does not state them.
  private(set) var positions: [SIMD3<Double>] = []
  /// Unit vectors along a row (x) and down a column (y), and their normal; nil where the file states none.
  private(set) var orientation: Geometry.Direction?
  /// Distances of columns (x) and rows (y), and of slices (z) as far as stated.
  private(set) var spacing: SIMD3<Double> = [1, 1, 1]
  private(set) var hasSpacing = false
  private(set) var hasSliceSpacing = false

  init(_ dataSet: DicomDataSet, frames: Int) {
    let shared = dataSet.items(.sharedGroups).first
    let perFrame = dataSet.items(.perFrameGroups)
    let first = perFrame.first
    let measures = (shared?.items(.pixelMeasures).first ?? first?.items(.pixelMeasures).first) ?? dataSet
    let plane = (shared?.items(.planeOrientation).first ?? first?.items(.planeOrientation).first) ?? dataSet
    readSpacing(measures)
    orientation = Self.direction(plane.numbers(.imageOrientation))
    positions = perFrame.compactMap {
      Self.vector($0.items(.planePosition).first?.numbers(.imagePosition) ?? [])
    }
    if positions.isEmpty, let position = Self.vector(dataSet.numbers(.imagePosition)) {
      positions = [position] + doseFrames(dataSet, from: position, frames: frames)
    }
  }

  /// Direction across the slices: the cross product of row and column direction.
  var normal: SIMD3<Double>? { orientation?.z }

  /// The geometry of the frames in their stored order, and whether they are evenly spaced slices.
  func volume(frames: Int) -> (Geometry, areSlices: Bool) {
    var geometry = Geometry(
      spacing: spacing, origin: positions.first ?? .zero, direction: orientation ?? .identity,
      stated: stated)
    guard frames > 1, positions.count == frames, let step = evenStep() else { return (geometry, false) }
    geometry.spacing.z = step.length
    geometry.direction.z = step / step.length
    geometry.stated.insert(.sliceSpacing)
    return (geometry, true)
  }

  private var stated: Geometry.Stated {
    var stated: Geometry.Stated = []
    if hasSpacing { stated.insert(.planeSpacing) }
    if hasSliceSpacing { stated.insert(.sliceSpacing) }
    if orientation != nil { stated.insert(.direction) }
    if !positions.isEmpty { stated.insert(.origin) }
    return stated
  }

  /// The step from frame to frame where it is the same throughout, within a hundredth of its length.
  private func evenStep() -> SIMD3<Double>? {
    let step = positions[1] - positions[0]
    let isEven = zip(positions, positions.dropFirst()).allSatisfy {
      ($1 - $0 - step).length <= step.length * 0.01
    }
    return isEven && step.length > 0 ? step : nil
  }

  /// Radiotherapy dose: frames at offsets from the first along the normal (PS3.3, C.8.8.3.2).
  private func doseFrames(_ dataSet: DicomDataSet, from first: SIMD3<Double>, frames: Int) -> [SIMD3<Double>]
  {
    let offsets = dataSet.numbers(.gridFrameOffsets)
    guard offsets.count == frames, frames > 1, let normal else { return [] }
    return offsets.dropFirst().map { first + normal * ($0 - offsets[0]) }
  }

  /// DICOM lists the distance of rows first, then that of columns.
  private mutating func readSpacing(_ dataSet: DicomDataSet) {
    for tag in [DicomTag.pixelSpacing, .imagerPixelSpacing] where !hasSpacing {
      let pair = dataSet.numbers(tag)
      guard pair.count >= 2, pair[0] > 0, pair[1] > 0 else { continue }
      (spacing.y, spacing.x, hasSpacing) = (pair[0], pair[1], true)
    }
    for tag in [DicomTag.sliceThickness, .spacingBetweenSlices] {
      if let distance = dataSet.numbers(tag).first, abs(distance) > 0 {
        spacing.z = abs(distance)
        hasSliceSpacing = true
      }
    }
  }

  private static func direction(_ cosines: [Double]) -> Geometry.Direction? {
    guard cosines.count == 6 else { return nil }
    let row: SIMD3<Double> = [cosines[0], cosines[1], cosines[2]]
    let column: SIMD3<Double> = [cosines[3], cosines[4], cosines[5]]
    let normal = row.cross(column)
    guard row.length > 0, column.length > 0, normal.length > 0 else { return nil }
    return .init(x: row / row.length, y: column / column.length, z: normal / normal.length)
  }

  private static func vector(_ numbers: [Double]) -> SIMD3<Double>? {
    numbers.count == 3 ? [numbers[0], numbers[1], numbers[2]] : nil
  }
}
