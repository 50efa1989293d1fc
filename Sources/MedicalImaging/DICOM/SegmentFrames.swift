/// The frames of a DICOM segmentation, with the segment and position of each (PS3.3, A.51 and C.8.20).
struct SegmentFrames: Sendable, Hashable {
  /// The segment of each frame; 0 if the pixels hold the segments' numbers themselves (LABELMAP).
  let segments: [Int]
  /// The LPS position of each frame's first pixel.
  let positions: [SIMD3<Double>]
  /// Spacing and directions of the frames, with the stated slice distance.
  let geometry: Geometry

  /// - Throws: `ImageError` if the segmentation is not binary and not a label map, if a frame has no position
  ///   or segment, or if the frames differ in orientation or spacing.
  init(_ dataSet: DicomDataSet, _ places: DicomGeometry, frames: Int) throws(ImageError) {
    let type = dataSet.text(.segmentationType) ?? ""
    guard type == "BINARY" || type == "LABELMAP" else {
      let found = type == "FRACTIONAL" ? "is fractional (FRACTIONAL)" : "states no known type"
      throw ImageError(
        .unsupported,
        "is a segmentation that \(found) \(DicomTag.segmentationType); expected BINARY or LABELMAP. "
          + "Threshold it and save it as a binary segmentation or as NIfTI")
    }
    guard places.positions.count == frames, places.orientation != nil else {
      throw ImageError(
        .unsupported,
        "is a segmentation whose frames state no position, so they cannot be placed on an image")
    }
    guard !places.hasSeveralPlanes else {
      throw ImageError(.unsupported, "is a segmentation whose frames differ in orientation or pixel spacing")
    }
    segments =
      type == "LABELMAP" ? Array(repeating: 0, count: frames) : try Self.segments(dataSet, frames: frames)
    positions = places.positions
    geometry = places.geometry
  }

  private static func segments(_ dataSet: DicomDataSet, frames: Int) throws(ImageError) -> [Int] {
    let shared = try dataSet.items(.sharedGroups).first?.items(.segmentIdentification).first
    var segments: [Int] = []
    for group in try dataSet.items(.perFrameGroups) {
      let own = try group.items(.segmentIdentification).first ?? shared
      guard let number = own?.integer(.referencedSegment), (1...65_535).contains(number) else { break }
      segments.append(number)
    }
    guard segments.count == frames else {
      throw ImageError(
        .malformed,
        "is a segmentation whose frame \(segments.count + 1) names no segment \(DicomTag.referencedSegment)")
    }
    return segments
  }

  /// The stored frames as one volume of segment numbers. The slices of the volume are evenly spaced along the
  /// frames' normal. Voxels without a frame are 0.
  ///
  /// - Throws: `ImageError` if frames do not lie on such slices or are too far apart, or if segments overlap.
  func volume(_ stored: Volume) throws(ImageError) -> Volume {
    let (places, step) = try slices()
    let length = stored.voxels.count / positions.count
    let slices = (places.max() ?? 0) + 1
    guard slices * length <= 1 << 30 else {
      throw ImageError(
        .unsupported, "is a segmentation whose frames are too far apart for one volume")
    }
    var labels = [Float](repeating: 0, count: length * slices)
    for (frame, slice) in places.enumerated() {
      let values = stored.voxels.slice(start: frame * length, length: length).floats()
      for (index, value) in values.enumerated() where value != 0 {
        let label = segments[frame] == 0 ? value : Float(segments[frame])
        let target = slice * length + index
        guard labels[target] == 0 || labels[target] == label else {
          throw ImageError(
            .inconsistent,
            "its segments \(Int(min(label, labels[target]))) and \(Int(max(label, labels[target]))) overlap, so that a "
              + "pixel would have two classes; save each segment as a separate file")
        }
        labels[target] = label
      }
    }
    var placed = geometry
    let first = places.firstIndex(of: 0) ?? 0
    placed.origin = positions[first]
    placed.spacing.z = step.length
    placed.direction.z = step / step.length
    if slices > 1 { placed.stated.insert(.sliceSpacing) }
    let plane = Array(stored.shape.suffix(2))
    return Volume(
      voxels: Voxels(floats: labels), shape: [labels.count / length] + plane, axes: [.slice, .row, .column],
      geometry: placed, source: stored.source)
  }

  /// The slice number of each frame, and the step from one slice to the next.
  private func slices() throws(ImageError) -> ([Int], SIMD3<Double>) {
    let normal = geometry.direction.x.cross(geometry.direction.y)
    let depths = positions.map { $0.dot(normal) }
    let sorted = positions.indices.sorted { depths[$0] < depths[$1] }
    let gaps = zip(sorted, sorted.dropFirst()).map { (depths[$1] - depths[$0], $0, $1) }.filter {
      $0.0 > 0.01
    }
    let origin = positions[sorted[0]]
    guard let least = gaps.min(by: { $0.0 < $1.0 }) else {
      return (Array(repeating: 0, count: positions.count), normal * geometry.spacing.z)
    }
    // Files may omit slices without a segment, so the smallest distance between frames may span several
    // slices.
    for parts in 1...16 {
      let step = (positions[least.2] - positions[least.1]) / Double(parts)
      if let places = places(origin: origin, step: step, normal: normal) { return (places, step) }
    }
    throw ImageError(.inconsistent, "is a segmentation whose frames do not lie on an even grid")
  }

  /// The slice number of each frame; `nil` if some frame does not lie on a slice.
  private func places(origin: SIMD3<Double>, step: SIMD3<Double>, normal: SIMD3<Double>) -> [Int]? {
    var places: [Int] = []
    for position in positions {
      let place = ((position - origin).dot(normal) / step.dot(normal)).rounded()
      guard (position - origin - step * place).length < max(0.02, step.length * 0.03), place < 65_536 else {
        return nil
      }
      places.append(Int(place))
    }
    return places
  }
}

extension ImageSource {
  /// Whether the file is a DICOM segmentation, which may omit slices without a segment.
  public var isSegmentation: Bool { DicomHeader.segmentations.contains(sopClass ?? "") }
}
