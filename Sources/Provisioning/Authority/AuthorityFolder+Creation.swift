import Credentials
import FederatedCore
import Foundation
import ParameterFiles

extension AuthorityFolder {
  /// The time by which certificates are backdated, for members whose clocks are slow.
  package static let leeway: TimeInterval = 86_400

  /// Creates a consortium's authority in a new folder that only its owner can read.
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
      try checkEmpty(files)
      let certificates = try CertificateAuthority(
        consortium: consortium, notBefore: now.addingTimeInterval(-leeway),
        notAfter: now.addingTimeInterval(Double(years) * 365.25 * 86_400))
      let list = try certificates.revocationList(version: 1, issued: now, entries: [])
      try PrivateKeyFile.create(certificates.privateKey, at: files.key, passphrase: passphrase)
      try AtomicFile.write(CertificateRegister(consortium: consortium).encoded(), to: files.register)
      try AtomicFile.write(list.encoded(), to: files.revocations)
      // Write the certificate last: a folder without it does not yet count as an authority.
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
      throw ConsiliumError(.unavailable, "'\(path)' already holds an authority; choose another folder")
    }
    if exists(files.key) {
      throw ConsiliumError(
        .unavailable,
        "an earlier 'consilium provision init' did not finish in '\(path)'; remove the folder and run it again"
      )
    }
  }
}
