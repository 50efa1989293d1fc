import Credentials
import Dashboard
import FederatedCore
import Foundation
import Synchronization

/// Where a coordinator's folder says how its dashboard is reached, for the commands that run beside it.
struct DashboardPlace {
  private struct Note: Codable {
    var address: String
  }

  /// The notes of this process by their paths, locked for as long as they count: a crash lets go of them, too.
  private static let locked = Mutex<[String: Int32]>([:])

  let folder: URL

  private var note: URL { folder.appending(path: "dashboard.json") }

  func tokens() throws(ConsiliumError) -> SignInTokens {
    try SignInTokens(folder: folder.appending(path: "sign-in"))
  }

  /// The dashboard's address as browsers take it.
  static func url(host: String, port: Int, of certificate: PeerCertificate) -> String {
    var host = host
    // Every address of the machine: the name for which the certificate stands.
    if ["0.0.0.0", "::"].contains(host), let named = certificate.addresses.first { host = named.description }
    return "https://\(host.contains(":") ? "[\(host)]" : host):\(port)"
  }

  /// The dashboard answers now.
  func open(_ address: String) throws {
    try JSONEncoder().encode(Note(address: address)).write(to: note, options: .atomic)
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

  /// True where the process that wrote the note still runs.
  private var isLocked: Bool {
    let descriptor = Foundation.open(note.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { Foundation.close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0
  }

  /// The address of the dashboard that runs.
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable` where none does.
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
