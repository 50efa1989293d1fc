import Foundation

/// The folders that a site's data may lie in, after symbolic links are resolved.
///
/// A link may lead to any file that the program can read. Someone who can write to the data folder, or
/// who made an archive that was unpacked there, could otherwise have the program read other files as data.
struct LinkPermission {
  /// The message about a path that leads elsewhere.
  static let fault =
    "a symbolic link leads out of the site's data folder; copy the data into the folder, or list the folder to which the "
    + "link leads under `links` of the site file"

  /// The number of levels of folders that are searched for links. The engine reads no deeper ones.
  private static let deepest = 16

  private let folders: [String]

  /// - Parameters:
  ///   - folder: The data folder. It may itself be a symbolic link.
  ///   - links: The other folders to which links may lead.
  init(of folder: String, links: [String]) {
    folders = ([folder] + links).compactMap(Self.real)
  }

  /// Whether the file at a path may be read. A path at which there is nothing is allowed.
  func allows(_ path: String) -> Bool {
    guard let real = Self.real(path) else { return true }
    return folders.contains { real == $0 || real.hasPrefix($0.hasSuffix("/") ? $0 : $0 + "/") }
  }

  /// Whether all symbolic links in a folder and its sub-folders are allowed.
  func allowsContents(of path: String) -> Bool { allowsContents(of: path, depth: Self.deepest) }

  private func allowsContents(of path: String, depth: Int) -> Bool {
    guard depth > 0, let folder = opendir(path) else { return true }
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      let kind = Int(entry.pointee.d_type)
      // Some file systems do not state the kind; then resolve every path.
      guard name != ".", name != "..", kind != Int(DT_REG) else { continue }
      let inner = "\(path)/\(name)"
      guard kind == Int(DT_DIR) || allows(inner), allowsContents(of: inner, depth: depth - 1) else {
        return false
      }
    }
    return true
  }

  /// The path without symbolic links; `nil` if there is nothing at the path.
  private static func real(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }
}
