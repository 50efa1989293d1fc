import Credentials
import FederatedCore
import Foundation
import NIOCertificateReloading
import NIOSSL
import ParameterFiles
import Synchronization

/// A party's identity as it is now: certificates are renewed, and others revoked, while a program runs.
///
/// Connections that are opened after a renewal show the new certificate; nothing has to be started again. A list of revocations that was
/// known once is never given up for an older one, or for none.
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
  ///   - memory: a file of the program's own, in which the newest list of revocations outlives it; nil where none need.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` where the folder holds no identity, or a file is damaged.
  public convenience init(folder: URL, passphrase: Passphrase? = nil, memory: URL? = nil)
    throws(ConsiliumError)
  {
    var identity = try Identity.load(from: folder, passphrase: passphrase)
    if let memory, FileManager.default.fileExists(atPath: memory.path(percentEncoded: false)) {
      let known = try RevocationList.load(from: memory)
      // Refused where the folder's list is the newer one, or the consortium has another authority since.
      if let authority = try? identity.authority.updated(with: known) {
        identity = identity.trusting(authority)
      }
    }
    self.init(identity, folder: folder, passphrase: passphrase, memory: memory)
  }

  private init(_ identity: Identity, folder: URL?, passphrase: Passphrase?, memory: URL?) {
    current = Mutex(identity)
    (self.folder, self.passphrase, self.memory) = (folder, passphrase, memory)
  }

  public var identity: Identity { current.withLock { $0 } }

  /// Looks at the folder again and again until the task is cancelled, and tells what has changed.
  ///
  /// - Parameters:
  ///   - interval: between two looks.
  ///   - fault: told once where the folder cannot be read, and the identity stays as it was, or where its list of revocations is missing
  ///     or older than the one known, which goes on to count.
  ///   - change: told after a renewal or another list of revocations.
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

  /// Takes what the folder holds now.
  ///
  /// - Returns: what is wrong with its list of revocations where that is not taken.
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
    let state = list.map { "holds version \($0.version) of the revocations" } ?? "is missing"
    return ConsiliumError(
      .invalidInput,
      "'\(file)' \(state), and version \(newest.version), which was there before, goes on to count; put the authority's newest "
        + "revoked.json in its place")
  }

  private func remember() throws(ConsiliumError) {
    guard let memory, let list = identity.authority.revocations,
      (try? RevocationList.load(from: memory)) != list
    else { return }
    try AtomicFile.write(list.encoded(), to: memory)
  }
}

/// What became of a party's identity while a program ran.
public struct IdentityChange: Sendable, CustomStringConvertible {
  public let party: Party
  /// The authority as it is known now.
  public let authority: Authority
  public let isRenewed: Bool
  /// What the list of revocations says that it did not say before.
  public let revoked: [RevocationList.Entry]

  /// Nil where nothing has changed.
  init?(from before: Identity, to now: Identity) {
    isRenewed = before.certificatePEM != now.certificatePEM
    guard isRenewed || before.authority.revocations != now.authority.revocations else { return nil }
    (party, authority) = (now.party, now.authority)
    revoked = (now.authority.revocations?.entries ?? []).filter {
      before.authority.revocations?[$0.serial] != $0
    }
  }

  public var description: String {
    let parts =
      (isRenewed ? ["the certificate of \(party) was renewed"] : [])
      + revoked.map { "the certificate \($0.serial) of \($0.party) was revoked (\($0.reason.rawValue))" }
    return parts.isEmpty ? "a new list of revocations came" : parts.joined(separator: "; ")
  }
}

extension IdentityKeeper: CertificateReloader {
  /// What a TLS handshake uses from now on.
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
