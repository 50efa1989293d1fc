import Credentials
import FederatedCore
import Foundation
import NIOCertificateReloading
import NIOSSL
import Synchronization

/// A party's identity as it is now: certificates are renewed, and others revoked, while a program runs.
///
/// Connections that are opened after a renewal show the new certificate; nothing has to be started again.
public final class IdentityKeeper: Sendable {
  private let current: Mutex<Identity>
  private let folder: URL?
  private let passphrase: Passphrase?

  /// - Parameter folder: where renewals and revocations appear; nil for an identity that never changes.
  public init(_ identity: Identity, folder: URL? = nil, passphrase: Passphrase? = nil) {
    current = Mutex(identity)
    self.folder = folder
    self.passphrase = passphrase
  }

  public var identity: Identity { current.withLock { $0 } }

  /// Looks at the folder again and again until the task is cancelled, and tells what has changed.
  ///
  /// - Parameters:
  ///   - interval: between two looks.
  ///   - fault: told once where the folder cannot be read; the identity stays as it was.
  ///   - change: told the identity after a renewal or another list of revocations.
  public func watch(
    every interval: Duration = .seconds(30), fault: @Sendable (ConsiliumError) -> Void = { _ in },
    change: @Sendable (Identity) async -> Void
  ) async throws {
    guard let folder else { return try await Task.sleep(for: .seconds(1 << 40)) }
    var lastFault: String?
    while true {
      try await Task.sleep(for: interval)
      do throws(ConsiliumError) {
        let found = try Identity.load(from: folder, passphrase: passphrase)
        lastFault = nil
        guard found.party == identity.party, found.isOther(than: identity) else { continue }
        current.withLock { $0 = found }
        await change(found)
      } catch {
        if lastFault != error.message { fault(error) }
        lastFault = error.message
      }
    }
  }
}

extension Identity {
  fileprivate func isOther(than other: Identity) -> Bool {
    certificatePEM != other.certificatePEM || authority.revocations != other.authority.revocations
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
