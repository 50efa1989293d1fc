import Credentials
import FederatedCore
import Foundation
import ParameterFiles

/// The consortium's authority on disk: its key, its certificate, and its records of issued and revoked
/// certificates.
package struct AuthorityFolder: Sendable {
  package let url: URL
  package let authority: Authority
  /// The number of files and folders in the folder that other users could access before it was opened.
  package let closed: Int

  /// Opens an authority, and removes temporary files that an earlier process left beside its key.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the folder holds no authority, or its files
  ///   were changed.
  package init(_ url: URL) throws(ConsiliumError) {
    let files = Files(url)
    guard FileManager.default.fileExists(atPath: files.certificate.path(percentEncoded: false)) else {
      throw ConsiliumError(
        .invalidInput,
        "'\(url.path(percentEncoded: false))' holds no authority; make one with 'consilium provision init'")
    }
    self.url = url
    // With the certificate, the creation of the key has ended: nobody needs its temporary file.
    PrivateFile.removeLeftovers(of: files.key)
    closed = OwnerOnly.closeFolder(url)
    authority = try Authority(
      pem: try SmallFile.text(files.certificate, what: "the authority's certificate"),
      revocations: try RevocationList.load(from: files.revocations))
  }

  var files: Files { Files(url) }

  /// Loads the authority with its key.
  func certificates(_ passphrase: Passphrase?) throws(ConsiliumError) -> CertificateAuthority {
    try CertificateAuthority(
      certificatePEM: authority.pem,
      privateKey: try PrivateKeyFile.read(files.key, passphrase: passphrase))
  }

  func register() throws(ConsiliumError) -> CertificateRegister {
    let register = try CertificateRegister.load(from: files.register)
    guard register.consortium == authority.consortium else {
      throw ConsiliumError(
        .invalidInput,
        "'\(files.register.path(percentEncoded: false))' is the register of '\(register.consortium)'; expected that of "
          + "'\(authority.consortium)'")
    }
    return register
  }

  /// Reads the current list: another process may have written a new list since this folder was opened.
  func revocations() throws(ConsiliumError) -> RevocationList {
    let list = try RevocationList.load(from: files.revocations)
    try list.verify(by: authority)
    return list
  }

  struct Files {
    let folder: URL

    init(_ folder: URL) { self.folder = folder }

    var key: URL { folder.appending(path: "authority.key") }
    var certificate: URL { folder.appending(path: "authority.crt") }
    var register: URL { folder.appending(path: "register.json") }
    var revocations: URL { folder.appending(path: "revoked.json") }
    /// The mark of a creation that has not finished.
    var unfinished: URL { folder.appending(path: "unfinished") }
  }
}
