import Foundation

/// Finds a file named in a table, even if the disk stores the name in a different Unicode form, such as on a
/// Mac.
final class FileFinder {
  enum Result: Equatable {
    /// The file's path as the disk stores it, and its size in bytes; a folder has size 1.
    case found(String, size: Int)
    /// A file whose name differs only in the case of its ending or in invisible characters.
    case near(String, size: Int)
    /// A file whose name resembles the wanted name, but not closely enough to be accepted: its name, and how
    /// the two names differ.
    case alike(String, AlikeNames.Difference)
    /// A file to which a symbolic link leads that the site file does not permit.
    case outside
    case absent
  }

  private let folder: DataFolder
  /// The names in each folder that was searched, by the folder's path.
  private var listings: [String: Listing] = [:]
  /// Whether the files in a folder may be read.
  private var parents: [String: Bool] = [:]

  private struct Listing {
    /// The names on disk, by name. Composed and decomposed letters compare as equal, so a requested name
    /// finds its other form.
    var exact: [String: [String]]
    var near: [String: [String]]
    var alike: [String: [String]]
  }

  init(_ folder: DataFolder) { self.folder = folder }

  /// The path as the disk stores it; `nil` if no file can be accepted for it.
  func path(of relative: String) -> String? {
    switch find(relative) {
    case .found(let path, _), .near(let path, _): path
    case .alike, .outside, .absent: nil
    }
  }

  func find(_ relative: String) -> Result {
    let result = locate(relative)
    switch result {
    case .found(let path, _), .near(let path, _): return isPermitted(path) ? result : .outside
    case .alike, .outside, .absent: return result
    }
  }

  /// Whether symbolic links in the path, and in a folder at its end, lead only to permitted places.
  private func isPermitted(_ relative: String) -> Bool {
    let parent = relative.lastIndex(of: "/").map { String(relative[..<$0]) } ?? ""
    let isInside = parents[parent] ?? folder.permits(folder.path(parent))
    parents[parent] = isInside
    let path = folder.path(relative)
    var status = stat()
    guard isInside, lstat(path, &status) == 0 else { return false }
    switch status.st_mode & S_IFMT {
    case S_IFLNK: return folder.permits(path) && folder.permitsContents(of: path)
    case S_IFDIR: return folder.permitsContents(of: path)
    default: return true
    }
  }

  private func locate(_ relative: String) -> Result {
    if let size = folder.size(of: relative) { return .found(relative, size: size) }
    var path = ""
    var isNear = false
    for segment in relative.split(separator: "/").map(String.init) {
      let prefix = path.isEmpty ? "" : path + "/"
      if folder.size(of: prefix + segment) != nil {
        path = prefix + segment
        continue
      }
      let listing = listing(of: path)
      if let names = listing.exact[segment], names.count == 1 {
        path = prefix + names[0]
      } else if let names = listing.near[Self.nearKey(segment)], names.count == 1 {
        path = prefix + names[0]
        isNear = true
      } else {
        return alike(segment, listing)
      }
    }
    guard let size = folder.size(of: path) else { return .absent }
    return isNear ? .near(path, size: size) : .found(path, size: size)
  }

  private func alike(_ segment: String, _ listing: Listing) -> Result {
    guard let name = listing.alike[Self.alikeKey(segment)]?.min() else { return .absent }
    let (wanted, found) = (FileEnding.allRemoved(from: segment), FileEnding.allRemoved(from: name))
    let difference =
      AlikeNames.difference(segment, name) ?? AlikeNames.difference(wanted, found) ?? .ending
    return .alike(name, difference)
  }

  private func listing(of path: String) -> Listing {
    if let known = listings[path] { return known }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path(path))) ?? []
    let listing = Listing(
      exact: Dictionary(grouping: names, by: \.self),
      near: Dictionary(grouping: names, by: Self.nearKey),
      alike: Dictionary(grouping: names, by: Self.alikeKey))
    listings[path] = listing
    return listing
  }

  /// A key that is equal for similar names, whatever their endings.
  private static func alikeKey(_ name: String) -> String {
    AlikeNames.key(FileEnding.allRemoved(from: name))
  }

  /// A key that is equal for names that differ only in invisible characters or in the case of their ending.
  private static func nearKey(_ name: String) -> String {
    FileEnding.withLowerCase(CellText(name).text)
  }
}
