import Credentials
import Crypto
import FederatedCore
import Foundation

/// One-time tokens with which a person signs in who has no certificate in the browser.
///
/// A token is a file, named by the token's SHA-256, that holds who it is for and until when; the token itself is only printed.
/// Redeeming removes the file, and the system lets only one removal succeed, so that a token counts once, whichever
/// process issued it and however many try.
public struct SignInTokens: Sendable {
  private struct Record: Codable {
    var party: Party
    var expires: Date
  }

  private let folder: URL

  /// - Parameter folder: made if it is not there; only its owner may enter.
  /// - Throws: `.storage` where the folder cannot be made.
  public init(folder: URL) throws(ConsiliumError) {
    self.folder = folder
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw ConsiliumError(
        .storage,
        "cannot make the folder \(folder.path) for sign-in tokens: check that its parent can be written",
        cause: error)
    }
  }

  /// A new token, to be shown to its owner once.
  ///
  /// - Parameter lifetime: in seconds.
  /// - Throws: `.invalidInput` for a role that does not use the dashboard, `.storage` where the token cannot be kept.
  public func issue(
    for party: Party, lifetime: TimeInterval = 600, now: Date = Date()
  ) throws(ConsiliumError) -> String {
    guard Visitor.roles.contains(party.role) else {
      throw ConsiliumError(
        .invalidInput,
        "the role \(party.role.rawValue) does not use the dashboard: give lead, operator or observer")
    }
    removeExpired(now)
    let token = Self.random()
    do {
      let record = try JSONEncoder().encode(Record(party: party, expires: now + lifetime))
      let file = file(of: token)
      try record.write(to: file, options: .atomic)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
      giveToOwnerOfFolder(file)
    } catch {
      throw ConsiliumError(.storage, "cannot keep a sign-in token in \(folder.path): \(error)", cause: error)
    }
    return token
  }

  /// Whom the token is for; nil where it is unknown, used or expired. It does not count again.
  public func redeem(_ token: String, now: Date = Date()) -> Party? {
    let file = file(of: token)
    guard let data = try? Data(contentsOf: file), unlink(file.path) == 0,
      let record = try? JSONDecoder().decode(Record.self, from: data), record.expires > now
    else { return nil }
    return record.party
  }

  private func file(of token: String) -> URL {
    let letters = token.lowercased().filter { Self.alphabet.contains($0) }
    return folder.appendingPathComponent(SHA256.hash(data: Data(letters.utf8)).hex + ".json")
  }

  /// What the system's administrator issues must be readable to the user that runs the coordinator.
  private func giveToOwnerOfFolder(_ file: URL) {
    var owner = stat()
    guard geteuid() == 0, stat(folder.path, &owner) == 0 else { return }
    _ = lchown(file.path, owner.st_uid, owner.st_gid)
  }

  private func removeExpired(_ now: Date) {
    let files = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    for file in files ?? [] {
      guard let data = try? Data(contentsOf: file),
        let record = try? JSONDecoder().decode(Record.self, from: data)
      else { continue }
      if record.expires <= now { unlink(file.path) }
    }
  }

  /// Without letters and digits that are mistaken for others when read aloud or typed.
  private static let alphabet = Array("23456789abcdefghjkmnpqrstuvwxyz")

  /// 25 letters are 123 bits from the system's generator.
  private static func random() -> String {
    var generator = SystemRandomNumberGenerator()
    let groups = (0..<5).map { _ in
      String((0..<5).compactMap { _ in alphabet.randomElement(using: &generator) })
    }
    return groups.joined(separator: "-")
  }
}
