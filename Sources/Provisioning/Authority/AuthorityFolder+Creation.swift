import Credentials
import FederatedCore
import Foundation
import ParameterFiles

extension AuthorityFolder {
  /// The time by which certificates are backdated, for members whose clocks are slow.
  package static let leeway: TimeInterval = 86_400

  /// Creates a consortium's authority in a new folder that only its owner can read.
  ///
  /// If an earlier creation in this folder was interrupted, its files are replaced: it issued nothing.
  ///
  /// - Parameter years: The lifetime of the authority's certificate.
  /// - Throws: ``ConsiliumError`` with code `.unavailable` if the folder already holds an authority.
  package static func create(
    consortium: String, at url: URL, years: Int = 10, passphrase: Passphrase? = nil, now: Date
  ) throws(ConsiliumError) -> AuthorityFolder {
    guard (1...30).contains(years) else {
      throw ConsiliumError(.invalidInput, "an authority cannot last \(years) years; expected 1 to 30")
    }
    try Consortium.check(name: consortium)
    try PrivateFile.createFolder(url)
    return try FolderLock.hold(url) { () throws(ConsiliumError) in
      let files = Files(url)
      try removeLeftovers(files)
      try checkEmpty(files)
      try AtomicFile.write(Data(), to: files.unfinished)
      let certificates = try CertificateAuthority(
        consortium: consortium, notBefore: now.addingTimeInterval(-leeway),
        notAfter: now.addingTimeInterval(Double(years) * 365.25 * 86_400))
      let list = try certificates.revocationList(version: 1, issued: now, entries: [])
      try PrivateKeyFile.create(certificates.privateKey, at: files.key, passphrase: passphrase)
      try AtomicFile.write(CertificateRegister(consortium: consortium).encoded(), to: files.register)
      try AtomicFile.write(list.encoded(), to: files.revocations)
      // Write the certificate last: a folder without it does not yet count as an authority.
      try AtomicFile.write(Data(certificates.authority.pem.utf8), to: files.certificate)
      // From here on the authority exists. If the mark stays, the next command ignores it.
      try? AtomicFile.remove(files.unfinished)
      return try AuthorityFolder(url)
    }
  }

  /// Removes the files of a creation that was interrupted before its certificate was written.
  private static func removeLeftovers(_ files: Files) throws(ConsiliumError) {
    func exists(_ file: URL) -> Bool { access(file.path, F_OK) == 0 }
    AtomicFile.removeLeftovers(in: files.folder)
    PrivateFile.removeLeftovers(of: files.key)
    guard exists(files.unfinished) else { return }
    if !exists(files.certificate) {
      for file in [files.key, files.register, files.revocations] { try AtomicFile.remove(file) }
    }
    try AtomicFile.remove(files.unfinished)
  }

  private static func checkEmpty(_ files: Files) throws(ConsiliumError) {
    func exists(_ file: URL) -> Bool {
      FileManager.default.fileExists(atPath: file.path(percentEncoded: false))
    }
    let path = files.folder.path(percentEncoded: false)
    if exists(files.certificate) {
      throw ConsiliumError(.unavailable, "'\(path)' already holds an authority; choose another folder")
    }
    if exists(files.key) {
      throw ConsiliumError(
        .unavailable,
        "'\(path)' holds an authority's key without its certificate; restore authority.crt from a backup, or choose "
          + "another folder"
      )
    }
  }
}
