import Credentials
import Crypto
import FederatedCore
import Foundation

/// One-time sign-in tokens for people whose browser has no certificate.
///
/// A token is stored as a file named by the token's SHA-256, which contains its owner and expiry; the token
/// itself is only printed. Redeeming a token removes its file. The system lets only one removal succeed, so a
/// token works once, whichever process issued it and however many try.
public struct SignInTokens: Sendable {
  struct Record: Codable {
    var party: Party
    var expires: Date
    /// `nil` in a token that an earlier version issued.
    var issued: Date?
  }

  private let folder: URL

  /// - Parameter folder: The folder of the files. It is created if necessary; only its owner has access.
  /// - Throws: ``ConsiliumError`` with code `.storage` if the folder cannot be created.
  public init(folder: URL) throws(ConsiliumError) {
    self.folder = folder
    do {
      try PrivateFile.createFolder(folder)
    } catch {
      throw ConsiliumError(
        .storage,
        "cannot create the folder \(folder.path) for sign-in tokens: check that its parent folder is writable",
        cause: error)
    }
  }

  /// Issues a new token, to be shown to its owner once.
  ///
  /// - Parameter lifetime: The lifetime in seconds.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` for a role that does not use the dashboard,
  ///   `.storage` if the token cannot be stored.
  public func issue(
    for party: Party, lifetime: TimeInterval = 600, now: Date = Date()
  ) throws(ConsiliumError) -> String {
    guard Visitor.roles.contains(party.role) else {
      throw ConsiliumError(
        .invalidInput,
        "the role \(party.role.rawValue) cannot use the dashboard: give lead, operator or observer")
    }
    removeExpired(now)
    let token = Self.random()
    try store(Record(party: party, expires: now + lifetime, issued: now), of: token)
    return token
  }

  private func store(_ record: Record, of token: String) throws(ConsiliumError) {
    do {
      let record = try JSONEncoder().encode(record)
      let file = file(of: token)
      try PrivateFile.create(record, at: file)
      giveToOwnerOfFolder(file)
    } catch {
      throw ConsiliumError(.storage, "cannot store a sign-in token in \(folder.path): \(error)", cause: error)
    }
  }

  /// Redeems a token and returns its owner; `nil` if the token is unknown, used or expired. A token works
  /// only once.
  public func redeem(_ token: String, now: Date = Date()) -> Party? {
    record(redeeming: token, now: now)?.party
  }

  /// Makes a redeemed token valid again, because its owner could not be signed in.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  func giveBack(_ token: String, _ record: Record) throws(ConsiliumError) { try store(record, of: token) }

  /// - Parameter isRevoked: Whether a certificate of the owner was revoked since the token was issued.
  func record(
    redeeming token: String, now: Date, isRevoked: (Party, _ since: Date) -> Bool = { _, _ in false }
  ) -> Record? {
    let file = file(of: token)
    guard let data = try? Data(contentsOf: file), unlink(file.path) == 0,
      let record = try? JSONDecoder().decode(Record.self, from: data), record.expires > now,
      !isRevoked(record.party, record.issued ?? .distantPast)
    else { return nil }
    return record
  }

  private func file(of token: String) -> URL {
    let letters = token.lowercased().filter { Self.alphabet.contains($0) }
    return folder.appendingPathComponent(SHA256.hash(data: Data(letters.utf8)).hex + ".json")
  }

  /// If root issued the token, makes the token's file readable for the user that runs the coordinator.
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

  /// Letters and digits, except the ones that people confuse when they read aloud or type.
  private static let alphabet = Array("23456789abcdefghjkmnpqrstuvwxyz")

  /// Returns 25 letters with 123 random bits from the system's generator.
  private static func random() -> String {
    var generator = SystemRandomNumberGenerator()
    let groups = (0..<5).map { _ in
      String((0..<5).compactMap { _ in alphabet.randomElement(using: &generator) })
    }
    return groups.joined(separator: "-")
  }
}
