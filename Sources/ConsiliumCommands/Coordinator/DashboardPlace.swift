import Credentials
import Dashboard
import FederatedCore
import Foundation

/// Where a coordinator's folder says how its dashboard is reached, for the commands that run beside it.
struct DashboardPlace {
  private struct Note: Codable {
    var address: String
    /// The coordinator's process.
    var process: Int32
  }

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
    let note = Note(address: address, process: ProcessInfo.processInfo.processIdentifier)
    try JSONEncoder().encode(note).write(to: self.note, options: .atomic)
  }

  func close() { try? FileManager.default.removeItem(at: note) }

  /// The address of the dashboard that runs.
  ///
  /// - Throws: ``ConsiliumError`` with code `.unavailable` where none does.
  func address() throws(ConsiliumError) -> String {
    guard let data = try? Data(contentsOf: note), let note = try? JSONDecoder().decode(Note.self, from: data),
      kill(note.process, 0) == 0 || errno == EPERM
    else {
      throw ConsiliumError(
        .unavailable,
        "no dashboard runs for the coordinator in '\(folder.path(percentEncoded: false))'; start 'consilium coordinator run' with "
          + "--dashboard ADDRESS:PORT, and name the same folder here")
    }
    return note.address
  }
}
