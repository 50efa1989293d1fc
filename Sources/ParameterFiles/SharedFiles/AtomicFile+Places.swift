import FederatedCore
import Foundation

extension AtomicFile {
  /// Gives a finished file its place, replacing the file there. The new place survives a crash of the
  /// machine.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`. Without an error from the system, the file is then
  ///   either at the old place or at the new one.
  package static func move(_ file: URL, to url: URL) throws(ConsiliumError) {
    let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    guard descriptor >= 0, fsync(descriptor) == 0, rename(file.path, url.path) == 0 else {
      throw ConsiliumError(.storage, "cannot write '\(url.path)': \(systemMessage())")
    }
    try DurableFolder.synchronise(url.deletingLastPathComponent())
  }

  /// Removes a file so that it stays removed after a crash of the machine. A missing file is no error.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  package static func remove(_ url: URL) throws(ConsiliumError) {
    guard unlink(url.path) == 0 || errno == ENOENT else {
      throw ConsiliumError(.storage, "cannot remove '\(url.path)': \(systemMessage())")
    }
    try DurableFolder.synchronise(url.deletingLastPathComponent())
  }

  /// The content of a file; `nil` only if there is none. A file that cannot be read is never taken for a
  /// missing one, which would then be made anew.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  package static func contents(of url: URL) throws(ConsiliumError) -> Data? {
    do {
      return try Data(contentsOf: url)
    } catch {
      guard access(url.path, F_OK) != 0, errno == ENOENT else {
        throw ConsiliumError(.storage, "cannot read '\(url.path)': \(error)", cause: error)
      }
      return nil
    }
  }

  /// The text of a file that is made once. If there is none, `make` makes it.
  ///
  /// If two processes make it at the same time, both get the same text.
  /// - Parameter isValid: whether a text is complete. An invalid text, such as that of an earlier version
  ///   after a power cut, is replaced.
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  package static func onceMade(
    _ url: URL, isValid: (String) -> Bool, _ make: () -> String
  ) throws(ConsiliumError) -> String {
    func kept() throws(ConsiliumError) -> String? {
      try contents(of: url).map { String(decoding: $0, as: UTF8.self) }.flatMap { isValid($0) ? $0 : nil }
    }
    if let text = try kept() { return text }
    let made = make()
    let temporary = URL(fileURLWithPath: temporaryPath(beside: url))
    try write(Data(made.utf8), to: temporary)
    defer { unlink(temporary.path) }
    if Foundation.link(temporary.path, url.path) == 0 {
      try DurableFolder.synchronise(url.deletingLastPathComponent())
      return made
    }
    // Another process was faster, unless the file is invalid or the file system has no links.
    if let text = try kept() { return text }
    try move(temporary, to: url)
    return made
  }

  /// Removes temporary files that an interrupted process left in a folder. Files of this process stay.
  ///
  /// - Parameter age: the seconds for which a file must not have changed. Zero only in a folder that no other
  ///   process writes.
  package static func removeLeftovers(in folder: URL, olderThan age: TimeInterval = 0) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for name in names where isTemporary(name) && !name.contains(".\(ProcessMark.text)-") {
      let path = folder.appending(path: name).path
      var status = stat()
      guard stat(path, &status) == 0, Double(time(nil) - status.st_mtim.tv_sec) >= age else { continue }
      unlink(path)
    }
  }

  /// Whether a name is that of a temporary file: `.NAME.PROCESS-RANDOM-COUNT.part`, or a name that the
  /// system's library uses for atomic writes.
  private static func isTemporary(_ name: String) -> Bool {
    name.wholeMatch(of: /\..+\.[0-9]+-[0-9a-z]+(-[0-9]+)?\.part|\.dat\.nosync[0-9A-F]+\.[A-Za-z0-9]+/) != nil
  }
}
