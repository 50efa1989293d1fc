import Foundation

extension SiteDefinition {
  /// Whether the site's folder and its table exist below `root`.
  package func lies(in root: URL) -> Bool {
    let needed =
      switch table.source {
      case .csv(let file, _, _), .npz(let file, _): data == "." ? file : "\(data)/\(file)"
      case .files: data
      }
    let path = root.appending(path: needed).path
    return FileManager.default.fileExists(atPath: path)
      || (DataFolder.staysInside(needed)
        && FileManager.default.fileExists(
          atPath: root.appending(path: DataFolder.onDisk(needed, in: root)).path))
  }
}
