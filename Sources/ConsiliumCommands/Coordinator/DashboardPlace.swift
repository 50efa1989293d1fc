import Credentials
import Dashboard
import FederatedCore
import Foundation
import ParameterFiles
import Synchronization

/// A file in a coordinator's folder that states the dashboard's address for other commands on the machine.
struct DashboardPlace {
  private struct Note: Codable {
    var address: String
  }

  /// The descriptors of the files that this process has locked; the key is the file's path. A file is valid
  /// as long as it is locked. A crash also unlocks it.
  private static let locked = Mutex<[String: Int32]>([:])

  let folder: URL

  private var note: URL { folder.appending(path: "dashboard.json") }

  func tokens() throws(ConsiliumError) -> SignInTokens {
    try SignInTokens(folder: folder.appending(path: "sign-in"))
  }

  /// The dashboard's address for browsers.
  static func url(host: String, port: Int, of certificate: PeerCertificate) -> String {
    var host = host
    // The server listens on every address of the machine, so use the name in its certificate.
    if ["0.0.0.0", "::"].contains(host), let named = certificate.addresses.first { host = named.description }
    return "https://\(host.contains(":") ? "[\(host)]" : host):\(port)"
  }

  /// Records that the dashboard answers at this address.
  func open(_ address: String) throws {
    try AtomicFile.write(try JSONEncoder().encode(Note(address: address)), to: note)
    let descriptor = Foundation.open(note.path, O_RDONLY | O_CLOEXEC)
    flock(descriptor, LOCK_EX | LOCK_NB)
    keep(descriptor)
  }

  func close() {
    try? FileManager.default.removeItem(at: note)
    keep(nil)
  }

  private func keep(_ descriptor: Int32?) {
    let before = Self.locked.withLock { locked in
      defer { locked[note.path] = descriptor }
      return locked[note.path]
    }
    if let before { Foundation.close(before) }
  }

  /// Whether the process that wrote the file is still running.
  private var isLocked: Bool {
    let descriptor = Foundation.open(note.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { Foundation.close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0
  }

  /// The address of the running dashboard.
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable` if none is running.
  func address() throws(ConsiliumError) -> String {
    guard isLocked, let data = try? Data(contentsOf: note),
      let note = try? JSONDecoder().decode(Note.self, from: data)
    else {
      throw ConsiliumError(
        .unavailable,
        "there is no running dashboard of the coordinator in '\(folder.path(percentEncoded: false))'; start 'consilium coordinator run' with "
          + "--dashboard ADDRESS:PORT, and name the same folder here")
    }
    return note.address
  }
}
