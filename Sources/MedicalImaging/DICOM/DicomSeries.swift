/// A DICOM series: one volume from files of one slice each, ordered by their position.
///
/// Slices are sorted by the projection of their position on the normal, so file names and instance numbers do
/// not matter. Files of several series, sizes, orientations or kinds are refused, as are gaps between the
/// slices (see `SeriesOrder`).
public enum DicomSeries {
  /// Reads the slices in a folder. Skips reports, other files without pixels, and sub-folders.
  ///
  /// - Throws: `ImageError` naming the folder or the file, and what is wrong.
  public static func read(folder: String) throws(ImageError) -> Volume {
    let content = DicomFolder(folder)
    if let fault = content.groups.compactMap(\.fault).first { throw fault }
    guard !content.groups.isEmpty else {
      let found = content.leftAside.first.map { " with pixels; \($0.file) is \($0.kind)" } ?? ""
      throw ImageError(.unreadable, "\(folder): holds no DICOM files\(found)")
    }
    var volume = try read(paths: content.paths)
    volume.source.leftAside = content.leftAside
    return volume
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
    let order = try SeriesOrder(images.map(\.header)).sorted()
    return try stack(order.map { images[$0] })
  }

  private static func stack(_ images: [DicomImage]) throws(ImageError) -> Volume {
    var volumes = images.map(\.volume)
    let isPadded = volumes.contains { $0.source.hasPadding }
    if !areAlike(volumes, isPadded: isPadded) { volumes = try interpreted(images) }
    let first = volumes[0]
    var geometry = first.geometry
    if images.count > 1 {
      let step =
        images[images.count - 1].header.geometry.positions[0] - images[0].header.geometry.positions[0]
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
    source.hasPadding = isPadded
    source.provenance = ImageProvenance(joining: images.compactMap(\.volume.source.provenance))
    source.encoding = "series of \(images.count) files"
    return Volume(
      voxels: voxels, shape: [images.count] + first.shape, axes: [.slice] + first.axes, geometry: geometry,
      slope: isUniform ? first.slope : 1, intercept: isUniform ? first.intercept : 0,
      meaning: first.meaning, padding: isPadded ? first.padding : nil, source: source)
  }

  /// Whether the stored values of all slices have the same meaning, so that they can be stacked as they are.
  private static func areAlike(_ volumes: [Volume], isPadded: Bool) -> Bool {
    let first = volumes[0]
    return volumes.allSatisfy { volume in
      let isScaledAlike = volume.slope == first.slope && volume.intercept == first.intercept
      return volume.meaning == first.meaning
        && (!isPadded || volume.padding == first.padding && isScaledAlike)
    }
  }

  /// The slices as values that training uses. Needed for a series whose files store values in different ways.
  private static func interpreted(_ images: [DicomImage]) throws(ImageError) -> [Volume] {
    var volumes: [Volume] = []
    for image in images {
      do throws(ImageError) {
        volumes.append(try image.volume.interpreted())
      } catch {
        throw error.naming(image.path)
      }
      if let last = volumes.last, last.shape != volumes[0].shape {
        throw ImageError(
          .inconsistent,
          "\(image.path): has \(last.channels) channels, \(images[0].path) has \(volumes[0].channels); their "
            + "photometric interpretations \(DicomTag.photometric) differ")
      }
    }
    guard volumes.allSatisfy({ $0.voxels.type == volumes[0].voxels.type }) else {
      return volumes.map { volume in
        var scaled = volume
        scaled.voxels = Voxels(floats: volume.floats())
        (scaled.slope, scaled.intercept) = (1, 0)
        return scaled
      }
    }
    return volumes
  }
}
