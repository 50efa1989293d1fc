import Credentials
import FederatedCore
import Foundation
import ParameterFiles

extension AuthorityFolder {
  /// How far in the past certificates begin, for members whose clocks are behind.
  package static let leeway: TimeInterval = 86_400

  /// Makes a consortium's authority in a new folder, readable by its owner alone.
  ///
  /// - Parameter years: how long it certifies.
  /// - Throws: ``ConsiliumError`` with code `.unavailable` where the folder holds an authority already.
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
      try checkEmpty(files)
      let certificates = try CertificateAuthority(
        consortium: consortium, notBefore: now.addingTimeInterval(-leeway),
        notAfter: now.addingTimeInterval(Double(years) * 365.25 * 86_400))
      let list = try certificates.revocationList(version: 1, issued: now, entries: [])
      try PrivateKeyFile.create(certificates.privateKey, at: files.key, passphrase: passphrase)
      try AtomicFile.write(CertificateRegister(consortium: consortium).encoded(), to: files.register)
      try AtomicFile.write(list.encoded(), to: files.revocations)
      // The certificate comes last: with it the folder is an authority.
      try AtomicFile.write(Data(certificates.authority.pem.utf8), to: files.certificate)
      return try AuthorityFolder(url)
    }
  }

  private static func checkEmpty(_ files: Files) throws(ConsiliumError) {
    func exists(_ file: URL) -> Bool {
      FileManager.default.fileExists(atPath: file.path(percentEncoded: false))
    }
    let path = files.folder.path(percentEncoded: false)
    if exists(files.certificate) {
      throw ConsiliumError(.unavailable, "'\(path)' holds an authority already; choose another folder")
    }
    if exists(files.key) {
      throw ConsiliumError(
        .unavailable,
        "an earlier 'consilium provision init' did not finish in '\(path)'; remove the folder and run it again"
      )
    }
  }
}
