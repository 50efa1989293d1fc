/// A file format that becomes a `Volume`.
///
/// A new format is a new file beside its siblings and a line in `ImageReaders.all`. Readers are values without state, so
/// that many threads may read at once.
public protocol ImageReader: Sendable {
  /// Whether the content, not the file's name, is of this format.
  func recognises(_ file: FileContent) -> Bool

  /// Decodes the file.
  ///
  /// - Throws: `ImageError` saying the fault; the caller adds the file's name. Declared sizes are held against the
  ///   file's real size before anything of that size is allocated.
  func read(_ file: FileContent) throws(ImageError) -> Volume
}
