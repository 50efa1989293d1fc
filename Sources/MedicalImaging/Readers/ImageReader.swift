/// A reader of one file format.
///
/// A new format is a new file next to the others and a line in `ImageReaders.all`. Readers are values without
/// state, so many threads may read at once.
public protocol ImageReader: Sendable {
  /// Whether the file has this format, judged by its content, not its name.
  func recognises(_ file: FileContent) -> Bool

  /// Decodes the file.
  ///
  /// - Throws: `ImageError` naming the problem; the caller adds the file's name. A declared size is checked
  ///   against the size of the file before memory is allocated for it.
  func read(_ file: FileContent) throws(ImageError) -> Volume
}
