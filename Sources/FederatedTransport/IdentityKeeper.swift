import Credentials
import FederatedCore
import Foundation
import NIOCertificateReloading
import NIOSSL
import ParameterFiles
import Synchronization

/// A party's current identity. While a program runs, the party's certificate may be renewed and other
/// certificates may be revoked.
///
/// Connections that are opened after a renewal use the new certificate, without a restart. A known revocation
/// list is never dropped, and never replaced by an older list.
public final class IdentityKeeper: Sendable {
  private let current: Mutex<Identity>
  private let folder: URL?
  private let passphrase: Passphrase?
  private let memory: URL?

  /// An identity that never changes.
  public convenience init(_ identity: Identity) {
    self.init(identity, folder: nil, passphrase: nil, memory: nil)
  }

  /// - Parameters:
  ///   - folder: holds the identity; renewals and revocations appear there.
  ///   - memory: the program's own file in which the newest revocation list survives a restart; `nil` if that
  ///     is not needed.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the folder holds no identity, or a file is
  ///   damaged.
  public convenience init(folder: URL, passphrase: Passphrase? = nil, memory: URL? = nil)
    throws(ConsiliumError)
  {
    var identity = try Identity.load(from: folder, passphrase: passphrase)
    if let memory, FileManager.default.fileExists(atPath: memory.path(percentEncoded: false)) {
      let known = try RevocationList.load(from: memory)
      // `updated` accepts the remembered list only if it is newer than the folder's list and from the same
      // authority.
      if let authority = try? identity.authority.updated(with: known) {
        identity = identity.trusting(authority)
      }
    }
    self.init(identity, folder: folder, passphrase: passphrase, memory: memory)
  }

  private init(_ identity: Identity, folder: URL?, passphrase: Passphrase?, memory: URL?) {
    current = Mutex(identity)
    self.folder = folder
    self.passphrase = passphrase
    self.memory = memory
  }

  public var identity: Identity { current.withLock { $0 } }

  /// Reads the folder at regular intervals until the task is cancelled, and reports changes.
  ///
  /// - Parameters:
  ///   - interval: the time between two reads.
  ///   - fault: called once per problem. If the folder is unreadable, the current identity stays in use. If
  ///     its revocation list is missing or outdated, the newer known list stays in force.
  ///   - change: called after a renewal or a new revocation list.
  public func watch(
    every interval: Duration = .seconds(30), fault: @Sendable (ConsiliumError) -> Void = { _ in },
    change: @Sendable (IdentityChange) async -> Void
  ) async throws {
    guard let folder else { return try await Task.sleep(for: .seconds(1 << 40)) }
    var lastFault: String?
    while true {
      var problem: ConsiliumError?
      do throws(ConsiliumError) {
        let before = identity
        problem = try look(into: folder)
        if let difference = IdentityChange(from: before, to: identity) { await change(difference) }
        try remember()
      } catch {
        problem = error
      }
      if let problem, problem.message != lastFault { fault(problem) }
      lastFault = problem?.message
      try await Task.sleep(for: interval)
    }
  }

  /// Loads the identity from the folder. Ignores an identity of a different party or authority.
  ///
  /// - Returns: the problem with the folder's revocation list, if it is missing or older than the known one.
  private func look(into folder: URL) throws(ConsiliumError) -> ConsiliumError? {
    let known = identity
    let found = try Identity.load(from: folder, passphrase: passphrase)
    guard found.party == known.party, found.authority.fingerprint == known.authority.fingerprint else {
      return nil
    }
    let list = found.authority.revocations
    guard let newest = known.authority.revocations, (list?.version ?? 0) < newest.version else {
      current.withLock { $0 = found }
      return nil
    }
    current.withLock { $0 = found.trusting(known.authority) }
    let file = IdentityFolder(folder).revocations.path(percentEncoded: false)
    let state = list.map { "holds revocation list version \($0.version)" } ?? "is missing"
    return ConsiliumError(
      .invalidInput,
      "'\(file)' \(state), but version \(newest.version) is already known and stays in force; replace '\(file)' with the "
        + "authority's newest revoked.json")
  }

  private func remember() throws(ConsiliumError) {
    guard let memory, let list = identity.authority.revocations,
      (try? RevocationList.load(from: memory)) != list
    else { return }
    try AtomicFile.write(list.encoded(), to: memory)
  }
}

/// A change of a party's identity while a program runs.
public struct IdentityChange: Sendable, CustomStringConvertible {
  public let party: Party
  /// The authority as known after the change.
  public let authority: Authority
  public let isRenewed: Bool
  /// The new entries of the revocation list.
  public let revoked: [RevocationList.Entry]

  /// Compares two identities; `nil` if nothing has changed.
  init?(from before: Identity, to now: Identity) {
    isRenewed = before.certificatePEM != now.certificatePEM
    guard isRenewed || before.authority.revocations != now.authority.revocations else { return nil }
    party = now.party
    authority = now.authority
    revoked = (now.authority.revocations?.entries ?? []).filter {
      before.authority.revocations?[$0.serial] != $0
    }
  }

  public var description: String {
    let parts =
      (isRenewed ? ["the certificate of \(party) was renewed"] : [])
      + revoked.map { "the certificate \($0.serial) of \($0.party) was revoked (\($0.reason.rawValue))" }
    return parts.isEmpty ? "a new revocation list was loaded" : parts.joined(separator: "; ")
  }
}

extension IdentityKeeper: CertificateReloader {
  /// The certificate and key for the next TLS handshake.
  public var sslContextConfigurationOverride: NIOSSLContextConfigurationOverride {
    let identity = identity
    var override = NIOSSLContextConfigurationOverride()
    if let chain = try? NIOSSLCertificate.fromPEMBytes(Array(identity.certificatePEM.utf8)),
      let key = try? NIOSSLPrivateKey(bytes: Array(identity.privateKeyPEM.utf8), format: .pem)
    {
      override.certificateChain = chain.map { .certificate($0) }
      override.privateKey = .privateKey(key)
    }
    return override
  }
}
