/// Recognises the endings of file names.
enum FileEnding {
  /// The endings of image and table formats; longer endings come before shorter ones.
  private static let known = [
    ".nii.gz", ".img.gz", ".hdr.gz", ".mha.gz", ".nrrd.gz", ".tar.gz", ".csv.gz", ".tsv.gz", ".nii",
    ".img", ".hdr",
    ".mha", ".mhd", ".nrrd", ".nhdr", ".png", ".jpg", ".jpeg", ".jpe", ".jp2", ".j2k", ".tif",
    ".tiff", ".bmp", ".gif",
    ".webp", ".dcm", ".dicom", ".ima", ".npy", ".npz", ".mat", ".pt", ".h5", ".csv", ".tsv", ".txt",
    ".json", ".xml",
    ".yaml", ".pdf", ".zip", ".gz",
  ]

  /// Endings that mean the same format, and that are often confused.
  private static let families = [
    [".jpg", ".jpeg", ".jpe"], [".tif", ".tiff"], [".nii", ".nii.gz"], [".dcm", ".dicom", ".ima"],
  ]

  /// The ending of a name, as written; empty if it has no known ending.
  ///
  /// - Parameter other: an additional known ending, such as a pattern's ending.
  static func of(_ name: String, also other: String = "") -> String {
    let lower = name.lowercased()
    let endings = other.isEmpty ? known : [other.lowercased()] + known
    let length =
      endings.filter { lower.hasSuffix($0) && lower.count > $0.count }.map(\.count).max() ?? 0
    return String(name.suffix(length))
  }

  /// The name without its ending: `P01` of `P01.nii.gz`, `a.b` of `a.b.png`, and all of `1.2.840`.
  static func removed(from name: String, also other: String = "") -> String {
    String(name.dropLast(of(name, also: other).count))
  }

  /// The name without all its endings: `P01` of `P01.png.png`.
  static func allRemoved(from name: String) -> String {
    let shorter = removed(from: name)
    return shorter == name ? name : allRemoved(from: shorter)
  }

  static func withLowerCase(_ name: String) -> String {
    let ending = of(name)
    return name.dropLast(ending.count) + ending.lowercased()
  }

  /// The ending of a pattern such as `*.png`: from the last dot after the last star; empty if there is none.
  static func of(pattern: Substring) -> String {
    let tail = pattern.lastIndex(of: "*").map { pattern[pattern.index(after: $0)...] } ?? pattern
    let known = of("x" + tail)
    if !known.isEmpty { return known }
    return tail.lastIndex(of: ".").map { String(tail[$0...]) } ?? ""
  }

  /// Whether two different endings stand for the same format.
  static func areRelated(_ one: String, _ other: String) -> Bool {
    let (one, other) = (one.lowercased(), other.lowercased())
    return one != other && families.contains { $0.contains(one) && $0.contains(other) }
  }
}
