import Credentials
import FederatedCore
import Foundation

extension Identity {
  /// Writes a folder for ``Identity/load(from:passphrase:)``, replacing an existing identity.
  public func write(to folder: URL, passphrase: Passphrase? = nil) throws {
    let files = IdentityFolder(folder)
    try PrivateFile.createFolder(folder)
    if files.holds(files.key) { try FileManager.default.removeItem(at: files.key) }
    try PrivateKeyFile.create(privateKey, at: files.key, passphrase: passphrase)
    try Data(certificatePEM.utf8).write(to: files.certificate)
    try Data(authority.pem.utf8).write(to: files.authority)
    if let list = authority.revocations { try list.encoded().write(to: files.revocations) }
  }
}
