/// The two files of a NIfTI pair: a header `.hdr` and its voxels `.img`. Either may be gzipped.
enum NiftiPair {
  /// The voxels that belong to a header file.
  static func image(of header: FileContent) throws(ImageError) -> FileContent {
    guard let image = sibling(of: header.path, from: "hdr", to: "img") else {
      throw ImageError(
        .unreadable,
        "is the header of a NIfTI pair, and its voxels (the same name ending in .img or .img.gz) are missing"
      )
    }
    return image
  }

  /// The header that belongs to a file of voxels; `nil` if there is no valid header next to this file.
  static func header(ofImage path: String) -> FileContent? {
    guard let header = sibling(of: path, from: "img", to: "hdr"), NiftiHeader.version(of: header.head) != nil
    else {
      return nil
    }
    return header
  }

  private static func sibling(of path: String, from: String, to other: String) -> FileContent? {
    var stem = path
    if stem.lowercased().hasSuffix(".gz") { stem.removeLast(3) }
    guard stem.lowercased().hasSuffix("." + from) else { return nil }
    let isUpper = stem.hasSuffix(from.uppercased())
    stem.removeLast(3)
    let name = stem + (isUpper ? other.uppercased() : other)
    for candidate in [name, name + ".gz"] {
      if let content = try? FileContent(path: candidate) { return content }
    }
    return nil
  }
}
