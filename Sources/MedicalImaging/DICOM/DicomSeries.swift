import Foundation

/// A DICOM series: one volume from files of one slice each, ordered by where they lie.
///
/// Slices are sorted by their position's projection on the normal, so file names and instance numbers do not matter. Files
/// of several series, of different sizes or orientations, or with gaps between the slices are refused.
public enum DicomSeries {
  /// Reads all DICOM files of a folder, leaving aside files of other kinds and those below it.
  ///
  /// - Throws: `ImageError` naming the folder or the file, and what is wrong.
  public static func read(folder: String) throws(ImageError) -> Volume {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
      !$0.hasPrefix(".")
    }
    var paths: [String] = []
    for name in names.sorted() where name.uppercased() != "DICOMDIR" {
      let path = folder + "/" + name
      if isDicom(path) { paths.append(path) }
    }
    guard !paths.isEmpty else { throw ImageError(.unreadable, "\(folder): holds no DICOM files") }
    return try read(paths: paths)
  }

  /// Reads the files of one series.
  public static func read(paths: [String]) throws(ImageError) -> Volume {
    precondition(!paths.isEmpty, "a series has files")
    var images: [DicomImage] = []
    for path in paths {
      do throws(ImageError) {
        images.append(try DicomImage(FileContent(path: path)))
      } catch {
        throw error.naming(path)
      }
    }
    if images.count == 1, images[0].volume.shape.count > 2 { return images[0].volume }
    for image in images.dropFirst() { try check(image, against: images[0]) }
    return try stack(try sorted(images))
  }

  private static func isDicom(_ path: String) -> Bool {
    guard let handle = FileHandle(forReadingAtPath: path) else { return false }
    defer { try? handle.close() }
    guard let head = try? handle.read(upToCount: 1024) else { return false }
    return DicomFile.recognises(Array(head))
  }

  private static func check(_ image: DicomImage, against first: DicomImage) throws(ImageError) {
    func refuse(_ fault: String) -> ImageError {
      ImageError(
        .inconsistent, "\(image.path): \(fault) as \(first.path); put each series in a folder of its own")
    }
    guard image.seriesInstance == first.seriesInstance else { throw refuse("is not of the same series") }
    guard image.volume.shape == first.volume.shape, image.volume.voxels.type == first.volume.voxels.type
    else {
      throw refuse("has not the same size and type of pixels")
    }
    guard image.geometry.positions.count == 1, let normal = image.geometry.orientation,
      let other = first.geometry.orientation
    else {
      throw ImageError(
        .inconsistent, "\(image.path): states no position or orientation to sort the series by")
    }
    guard normal.x.dot(other.x) > 0.9999, normal.y.dot(other.y) > 0.9999 else {
      throw refuse("has not the same orientation")
    }
    let difference = image.volume.geometry.spacing - first.volume.geometry.spacing
    guard abs(difference.x) < 1e-4, abs(difference.y) < 1e-4 else {
      throw refuse("has not the same pixel spacing")
    }
  }

  private static func sorted(_ images: [DicomImage]) throws(ImageError) -> [DicomImage] {
    guard images.count > 1 else { return images }
    guard let normal = images[0].geometry.normal, images[0].geometry.positions.count == 1 else {
      throw ImageError(
        .inconsistent, "\(images[0].path): states no position or orientation to sort the series by")
    }
    let depth = { (image: DicomImage) in image.geometry.positions[0].dot(normal) }
    let sorted = images.sorted { depth($0) < depth($1) }
    let gaps = zip(sorted, sorted.dropFirst()).map { depth($1) - depth($0) }
    let typical = gaps.sorted()[gaps.count / 2]
    for (index, gap) in gaps.enumerated() where abs(gap - typical) > max(0.01, typical * 0.05) {
      let (before, after) = (sorted[index].path, sorted[index + 1].path)
      if gap < typical * 0.05 + 0.01 {
        throw ImageError(
          .inconsistent, "\(after): lies at the same position as \(before); a series has one file a slice")
      }
      throw ImageError(
        .inconsistent,
        "\(after): lies \(rounded(gap)) mm from \(before), other slices \(rounded(typical)) mm; slices are missing"
      )
    }
    guard typical > 0.001 else {
      throw ImageError(
        .inconsistent,
        "\(sorted[1].path): lies at the same position as \(sorted[0].path); a series has one file a slice")
    }
    return sorted
  }

  private static func stack(_ images: [DicomImage]) throws(ImageError) -> Volume {
    let volumes = images.map(\.volume)
    let first = volumes[0]
    var geometry = first.geometry
    if images.count > 1 {
      let step = images[images.count - 1].geometry.positions[0] - images[0].geometry.positions[0]
      geometry.spacing.z = step.length / Double(images.count - 1)
      geometry.direction.z = step / step.length
      geometry.stated.insert(.sliceSpacing)
    }
    let isUniform = volumes.allSatisfy { $0.slope == first.slope && $0.intercept == first.intercept }
    let voxels =
      isUniform
      ? Voxels(type: first.voxels.type, bytes: volumes.flatMap(\.voxels.bytes))
      : Voxels(floats: volumes.flatMap { $0.floats() })
    var source = first.source
    source.frames = images.count
    source.encoding = "series of \(images.count) files"
    return Volume(
      voxels: voxels, shape: [images.count] + first.shape, axes: [.slice] + first.axes, geometry: geometry,
      slope: isUniform ? first.slope : 1, intercept: isUniform ? first.intercept : 0, source: source)
  }

  private static func rounded(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
}
