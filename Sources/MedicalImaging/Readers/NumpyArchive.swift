/// A `.npz` file: NumPy arrays by name, stored or deflated in a ZIP archive.
///
///     let archive = try NumpyArchive(path: "pneumoniamnist.npz")
///     let images = try archive.array("train_images")   // shape [4707, 28, 28], uint8
public struct NumpyArchive: Sendable {
  private let zip: ZipArchive
  private let path: String

  /// - Throws: `ImageError` naming the file if it is not a ZIP archive.
  public init(path: String) throws(ImageError) {
    do throws(ImageError) {
      try self.init(FileContent(path: path))
    } catch {
      throw error.naming(path)
    }
  }

  init(_ file: FileContent) throws(ImageError) {
    (zip, path) = (try ZipArchive(file.bytes), file.path)
  }

  /// The arrays' names, in the order of the archive.
  public var names: [String] {
    zip.entries.filter { $0.name.hasSuffix(".npy") }.map { String($0.name.dropLast(4)) }
  }

  /// Decodes one array.
  ///
  /// - Throws: `ImageError` naming the file and the array.
  public func array(_ name: String) throws(ImageError) -> NumpyArray {
    guard let entry = zip.entries.first(where: { $0.name == name + ".npy" }) else {
      throw ImageError(
        .invalidArgument, "\(path): has no array '\(name)'; it has \(names.joined(separator: ", "))")
    }
    do throws(ImageError) {
      return try NumpyArray(zip.content(of: entry))
    } catch {
      throw error.naming("\(path), array '\(name)'")
    }
  }
}

/// Reads an archive of a single array as an image. Refuses an archive of several arrays with an error that
/// names them.
public struct NumpyArchiveReader: ImageReader {
  public init() {}

  public func recognises(_ file: FileContent) -> Bool {
    guard file.bytes.starts(with: [0x50, 0x4B, 3, 4]), let archive = try? NumpyArchive(file) else {
      return false
    }
    return !archive.names.isEmpty
  }

  public func read(_ file: FileContent) throws(ImageError) -> Volume {
    let archive = try NumpyArchive(file)
    guard let name = archive.names.first, archive.names.count == 1 else {
      throw ImageError(
        .unsupported,
        "holds \(archive.names.count) arrays (\(archive.names.joined(separator: ", "))); an image file has one"
      )
    }
    return try archive.array(name).volume(format: "NumPy npz")
  }
}
