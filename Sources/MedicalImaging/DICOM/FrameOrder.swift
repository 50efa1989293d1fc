/// The arrangement of a file's frames: evenly spaced slices of one volume, or separate pictures.
struct FrameOrder {
  /// The frame numbers in order. Slices run towards the patient's left, back or head; separate pictures keep
  /// the order in which they are stored.
  private(set) var order: [Int]
  private(set) var areSlices = false
  private(set) var geometry: Geometry
  /// The number of images of each slice: more than 1 for time points or echoes in one file.
  private(set) var imagesPerSlice = 1
  /// The reason why frames with positions do not form a volume; `nil` if they do or have no positions.
  private(set) var fault: ImageError?

  /// - Parameter areParts: whether each frame shows only a part of a picture, as in a segmentation. Such
  ///   frames keep their stored order.
  init(_ places: DicomGeometry, frames: Int, areParts: Bool = false) {
    order = Array(0..<frames)
    geometry = places.geometry
    guard !areParts, frames > 1, places.positions.count > 1 else { return }
    do throws(ImageError) {
      try sort(places, frames: frames)
    } catch {
      fault = error
    }
  }

  private mutating func sort(_ places: DicomGeometry, frames: Int) throws(ImageError) {
    let positions = places.positions
    guard positions.count == frames else {
      throw ImageError(.inconsistent, "states positions for \(positions.count) of its \(frames) frames")
    }
    guard !places.hasSeveralPlanes else {
      throw ImageError(
        .inconsistent,
        "its frames differ in orientation or pixel spacing, so they do not form a volume; save each stack as a separate file"
      )
    }
    guard let normal = places.normal else {
      throw ImageError(
        .inconsistent, "states positions of its frames, but no \(DicomTag.imageOrientation.label)")
    }
    // Sort towards the patient's left, back or head, whichever is nearest to the normal.
    let axis = (0..<3).max { abs(normal[$0]) < abs(normal[$1]) } ?? 2
    let depths = positions.map { $0.dot(normal) * (normal[axis] < 0 ? -1 : 1) }
    let sorted = order.sorted { (depths[$0], $0) < (depths[$1], $1) }
    let places = 1 + zip(sorted, sorted.dropFirst()).count { depths[$1] - depths[$0] > 0.01 }
    // Frames of one slice over time stay separate pictures.
    guard places > 1 else { return }
    guard places == frames else {
      if frames.isMultiple(of: places) { imagesPerSlice = frames / places }
      throw ImageError(
        .unsupported,
        "holds \(frames) frames at \(places) positions: several images of each slice, such as time points or echoes; "
          + "save each as a separate file")
    }
    let steps = zip(sorted, sorted.dropFirst()).map { positions[$1] - positions[$0] }
    let step = (positions[sorted[frames - 1]] - positions[sorted[0]]) / Double(frames - 1)
    if let odd = steps.firstIndex(where: { ($0 - step).length > max(0.02, step.length * 0.05) }) {
      throw ImageError(
        .inconsistent,
        "its frames \(sorted[odd] + 1) and \(sorted[odd + 1] + 1) are neighbours at an unusual distance or shifted sideways; "
          + "slices are missing or do not follow one line")
    }
    if let (index, _) = EvenLine(positions: sorted.map { positions[$0] }).furthest {
      throw ImageError(
        .inconsistent,
        "the distances of its frames drift: frame \(sorted[index] + 1) is off the even spacing")
    }
    order = sorted
    areSlices = true
    geometry.origin = positions[sorted[0]]
    geometry.spacing.z = step.length
    geometry.direction.z = step / step.length
    geometry.stated.insert(.sliceSpacing)
  }
}

extension Volume {
  /// The same volume with the entries of its first axis in the given order.
  func reordered(_ order: [Int]) -> Volume {
    guard order != Array(order.indices) else { return self }
    let length = voxels.count / order.count
    var sorted = self
    sorted.voxels = Voxels(
      type: voxels.type, bytes: order.flatMap { voxels.slice(start: $0 * length, length: length).bytes })
    return sorted
  }
}
