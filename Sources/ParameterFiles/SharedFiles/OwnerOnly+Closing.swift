import FederatedCore
import Foundation

extension OwnerOnly {
  /// Takes away other users' access to a folder of our own and to all that is in it. Earlier versions and
  /// people may have created it with other modes.
  ///
  /// Symbolic links are not followed, except `folder` itself. What belongs to another user stays as it is. So
  /// do private keys (`*.key`): whoever loads one that was open must refuse it, since others may have copied
  /// it.
  ///
  /// - Returns: The number of files and folders that other users could access.
  package static func closeFolder(_ folder: URL) -> Int {
    let root = folder.resolvingSymlinksInPath().path
    // The folder comes first: from then on, nobody else can exchange a file in it.
    var closed = closeOne(root) ? 1 : 0
    let names = FileManager.default.enumerator(atPath: root)
    while let name = names?.nextObject() as? String {
      if !name.hasSuffix(".key"), closeOne("\(root)/\(name)") { closed += 1 }
    }
    return closed
  }

  /// What a log says after ``closeFolder(_:)``; `nil` if nothing was open.
  package static func closingNote(_ closed: Int, in folder: URL) -> String? {
    guard closed > 0 else { return nil }
    let what = closed == 1 ? "a file or folder" : "\(closed) files and folders"
    return
      "other users of this machine had access to \(what) in '\(folder.path(percentEncoded: false))'; from now on, only the owner has"
  }

  private static func closeOne(_ path: String) -> Bool {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_uid == geteuid(), status.st_mode & 0o077 != 0,
      [S_IFDIR, S_IFREG].contains(status.st_mode & S_IFMT)
    else { return false }
    return chmod(path, status.st_mode & 0o7700) == 0
  }
}
