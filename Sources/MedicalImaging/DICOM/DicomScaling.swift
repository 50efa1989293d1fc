/// Slope and intercept of the whole image or of each frame (PS3.3, C.7.6.16.2.9 and C.11.1).
struct DicomScaling: Sendable {
  /// The pairs of slope and intercept: one pair for all frames, or one pair per frame.
  private let scales: [Scale]

  private struct Scale: Sendable, Hashable {
    var slope: Double
    var intercept: Double
  }

  /// - Throws: `ImageError` if a number is unreadable, a slope is zero, or only some frames have a slope.
  init(_ dataSet: DicomDataSet) throws(ImageError) {
    let shared = try dataSet.items(.sharedGroups).first?.items(.pixelValueTransformation).first
    var own: [DicomDataSet] = []
    let frames = try dataSet.items(.perFrameGroups)
    for frame in frames { own += try frame.items(.pixelValueTransformation).prefix(1) }
    let stating = own.count { $0[.rescaleSlope] != nil }
    guard own.isEmpty || stating == frames.count || stating == 0 && own.count == frames.count else {
      throw ImageError(
        .inconsistent,
        "\(stating) of its \(frames.count) frames state a rescale slope \(DicomTag.rescaleSlope), the others none"
      )
    }
    var scales: [Scale] = []
    for source in own.isEmpty ? [shared ?? dataSet] : own { scales.append(try Self.scale(source)) }
    self.scales = scales
  }

  private static func scale(_ dataSet: DicomDataSet) throws(ImageError) -> Scale {
    // A modality LUT replaces slope and intercept; `StoredMeaning` reads it.
    if dataSet[.modalityTables] != nil { return Scale(slope: 1, intercept: 0) }
    let tag =
      dataSet[.rescaleSlope] == nil && dataSet[.doseGridScaling] != nil
      ? DicomTag.doseGridScaling : .rescaleSlope
    let slope = try dataSet.statedNumber(tag) ?? 1
    guard slope != 0 else {
      throw ImageError(
        .malformed, "its \(tag.label) is 0, which would make all values equal; have the file corrected")
    }
    return Scale(slope: slope, intercept: try dataSet.statedNumber(.rescaleIntercept) ?? 0)
  }

  /// The volume with its slope and intercept. If the frames have different slopes or intercepts, the values
  /// are already interpreted and scaled, as float32.
  func applied(to volume: Volume, frames: Int) throws(ImageError) -> Volume {
    var scaled = volume
    guard Set(scales).count > 1 else {
      (scaled.slope, scaled.intercept) = (scales[0].slope, scales[0].intercept)
      return scaled
    }
    guard scales.count == frames else {
      throw ImageError(
        .inconsistent, "states slopes for \(scales.count) frames, its pixel data hold \(frames)")
    }
    if case .refused = volume.meaning {} else { scaled = try volume.interpreted() }
    let length = scaled.voxels.count / frames
    var values: [Float] = []
    values.reserveCapacity(scaled.voxels.count)
    for (index, scale) in scales.enumerated() {
      values += scaled.voxels.slice(start: index * length, length: length)
        .floats(slope: scale.slope, intercept: scale.intercept)
    }
    scaled.voxels = Voxels(floats: values)
    return scaled
  }
}
