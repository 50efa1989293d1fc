/// The image formats that can be read. The format of a file is recognised by its content.
public enum ImageReaders {
  /// The readers, in the order in which they are tried. DICOM comes last, since its reader recognises files
  /// by the least specific signs.
  public static let all: [any ImageReader] = [
    PNGReader(), JPEGReader(), NiftiReader(), NumpyReader(), NumpyArchiveReader(), DicomReader(),
  ]

  /// Reads the image in a file, or the DICOM series in a folder.
  ///
  /// - Parameter asLabels: whether the indices of a coloured palette are read as class codes, for masks.
  /// - Throws: `ImageError` that names the file and what is wrong with it.
  public static func read(_ path: String, asLabels: Bool = false) throws(ImageError) -> Volume {
    if FileContent.isFolder(path) { return try DicomSeries.read(folder: path) }
    let file: FileContent
    do throws(ImageError) {
      let start = try FileContent.start(of: path)
      // Do not read all of a file that is not an image: it may be large, and its first bytes are enough to
      // refuse it.
      file = mayBeImage(start) ? try FileContent(path: path) : start
    } catch {
      throw error.naming(path)
    }
    return try read(file, asLabels: asLabels)
  }

  /// Whether a file can be an image, by its first bytes.
  private static func mayBeImage(_ start: FileContent) -> Bool {
    all.contains { $0.recognises(start) } || start.bytes.starts(with: [0x50, 0x4B])
      || NiftiPair.header(ofImage: start.path) != nil
  }

  /// Reads the image in a file's content.
  static func read(_ file: FileContent, asLabels: Bool = false) throws(ImageError) -> Volume {
    do throws(ImageError) {
      let labels = PNGReader(readsLabels: true)
      if asLabels, labels.recognises(file) { return try labels.read(file) }
      if let reader = all.first(where: { $0.recognises(file) }) { return try reader.read(file) }
      // The .img half of a NIfTI pair holds bare voxels, which its header describes.
      if let header = NiftiPair.header(ofImage: file.path) { return try NiftiReader().read(header) }
      throw ImageError(
        .unknownFormat,
        "not a supported image: the content is \(ContentKind.describe(file)); "
          + "expected DICOM, NIfTI, PNG, JPEG or NumPy")
    } catch {
      throw error.naming(file.path)
    }
  }
}
