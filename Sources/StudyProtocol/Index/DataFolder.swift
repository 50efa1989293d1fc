import FederatedCore
import Foundation

/// A site's data folder. Nothing outside it is read, except through symbolic links to the folders that
/// the site file permits.
struct DataFolder {
  let url: URL
  /// The folder relative to the data root, for messages.
  let name: String
  /// The folders that may be read, without symbolic links in their paths; `nil` for any.
  private let permitted: LinkPermission?

  /// - Parameter links: The absolute paths of the folders to which symbolic links may lead.
  /// - Throws: ``ConsiliumError`` if the folder is outside the data root or does not exist.
  init(_ name: String, dataRoot: URL, links: [String] = []) throws(ConsiliumError) {
    guard Self.staysInside(name) else {
      throw ConsiliumError(
        .invalidInput, "the data folder '\(name)' must be relative to the data root and must not leave it")
    }
    self.name = name
    url = name == "." ? dataRoot : dataRoot.appending(path: Self.onDisk(name, in: dataRoot))
    permitted = LinkPermission(of: url.path, links: links)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue else {
      throw ConsiliumError(
        .invalidInput,
        "there is no data folder '\(name)' in \(dataRoot.path); give the folder that contains it as the data root"
      )
    }
  }

  /// Whether a relative path stays within its base folder.
  static func staysInside(_ path: String) -> Bool {
    !path.isEmpty && !path.hasPrefix("/") && !path.hasPrefix("~") && !path.contains("\0")
      && !path.split(separator: "/").contains("..")
  }

  private init(root: URL) {
    name = "."
    url = root
    permitted = nil
  }

  /// A path as the disk stores it, perhaps with decomposed letters; the path itself if there is no such file.
  static func onDisk(_ path: String, in root: URL) -> String {
    FileFinder(DataFolder(root: root)).path(of: path) ?? path
  }

  func path(_ relative: String) -> String { url.appending(path: relative).path }

  /// The path of a file, unless a symbolic link leads out of the folder.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput`.
  func permittedPath(_ relative: String) throws(ConsiliumError) -> String {
    let path = path(relative)
    guard Self.staysInside(relative), permits(path) else {
      throw ConsiliumError(.invalidInput, "\(shown(relative)): \(LinkPermission.fault)")
    }
    return path
  }

  /// Whether the file or folder at an absolute path may be read, wherever symbolic links lead.
  func permits(_ path: String) -> Bool { permitted?.allows(path) ?? true }

  /// Whether everything in a folder may be read, for a folder that is read as a whole, such as a DICOM
  /// series.
  func permitsContents(of path: String) -> Bool { permitted?.allowsContents(of: path) ?? true }

  /// A path relative to the data root, for messages.
  func shown(_ relative: String) -> String { name == "." ? relative : "\(name)/\(relative)" }

  func contents(of file: String) throws(ConsiliumError) -> Data {
    guard Self.staysInside(file) else {
      throw ConsiliumError(
        .invalidInput, "the file '\(file)' must be relative to the site's data folder and must not leave it")
    }
    let path = try permittedPath(Self.onDisk(file, in: url))
    do {
      return try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw ConsiliumError(.invalidInput, "\(shown(file)): the file cannot be read", cause: error)
    }
  }

  /// The size of a file in bytes, or a positive number for a folder. `nil` if the path does not exist.
  func size(of relative: String) -> Int? {
    var information = stat()
    guard stat(path(relative), &information) == 0 else { return nil }
    return information.st_mode & S_IFMT == S_IFDIR ? 1 : Int(information.st_size)
  }
}
