import FederatedCore
import Foundation

extension Identity {
  /// Reads `identity.crt`, `identity.key` and `authority.crt`, and `revoked.json` if it exists.
  ///
  /// This function can be called at any time, even while a renewal is being installed.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if a file is missing, a key is readable by other
  ///   users, or the files do not belong together.
  public static func load(from folder: URL, passphrase: Passphrase? = nil) throws(ConsiliumError) -> Identity
  {
    let files = IdentityFolder(folder)
    guard files.holds(files.certificate) else {
      let path = folder.path(percentEncoded: false)
      throw ConsiliumError(
        .invalidInput,
        files.holds(files.key)
          ? "'\(path)' has no identity.crt yet; when it comes back from the authority, run 'consilium provision install'"
          : "'\(path)' holds no identity; make one with 'consilium provision enrol'")
    }
    do throws(ConsiliumError) {
      return try read(files, passphrase)
    } catch {
      // An installation may have replaced certificate and key between the two reads. A second attempt sees
      // both new files.
      return try read(files, passphrase)
    }
  }

  private static func read(_ files: IdentityFolder, _ passphrase: Passphrase?) throws(ConsiliumError)
    -> Identity
  {
    let authority = try files.trustedAuthority()
    let certificate = try SmallFile.text(files.certificate, what: "the identity's certificate")
    // Between its two steps, an installation leaves the new certificate next to the old key. The new key is
    // then still in `renewal.key`.
    if files.holds(files.renewalKey),
      let key = try? PrivateKeyFile.read(files.renewalKey, passphrase: passphrase),
      let renewed = try? Identity(certificatePEM: certificate, privateKey: key, authority: authority)
    {
      return renewed
    }
    return try Identity(
      certificatePEM: certificate, privateKey: try PrivateKeyFile.read(files.key, passphrase: passphrase),
      authority: authority)
  }
}
