import Credentials
import FederatedCore
import Foundation
import ParameterFiles

extension AuthorityFolder {
  /// Revokes one certificate, or all certificates of a party, and writes a new list.
  ///
  /// - Parameters:
  ///   - target: A serial, a party (`site/DU`), or a name that only one party has (`DU`).
  ///   - reason: If it is `.compromised`, all other certificates for the same keys are revoked, too.
  /// - Returns: The new list, and its new entries.
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if there is no such certificate, or it is already
  ///   revoked.
  package func revoke(
    _ target: String, reason: RevocationList.Reason, passphrase: Passphrase? = nil, now: Date
  ) throws(ConsiliumError) -> (list: RevocationList, revoked: [RevocationList.Entry]) {
    try FolderLock.hold(url) { () throws(ConsiliumError) in
      let current = try revocations()
      let register = try register()
      var found = try find(target, in: register)
      if reason == .compromised {
        // Whoever has a key can use every certificate that was issued for it.
        let keys = Set(found.map(\.key))
        found = register.entries.filter { keys.contains($0.key) }
      }
      let revoked = found.compactMap { (entry) -> RevocationList.Entry? in
        let before = current[entry.serial]
        // Permit a second revocation only to record a compromised key, which may be noticed after a
        // revocation for another reason.
        guard before == nil || (reason == .compromised && before?.reason != .compromised) else { return nil }
        return .init(serial: entry.serial, party: entry.party, date: before?.date ?? now, reason: reason)
      }
      guard !revoked.isEmpty else {
        throw ConsiliumError(.invalidInput, "\(target.quotedForMessage) is already revoked")
      }
      let serials = Set(revoked.map(\.serial))
      let list = try certificates(passphrase).revocationList(
        version: current.version + 1, issued: now,
        entries: current.entries.filter { !serials.contains($0.serial) } + revoked)
      try AtomicFile.write(list.encoded(), to: files.revocations)
      return (list, revoked)
    }
  }

  private func find(
    _ target: String, in register: CertificateRegister
  ) throws(ConsiliumError) -> [CertificateRegister.Entry] {
    let bySerial = register.entries.filter { $0.serial == target.lowercased() }
    if !bySerial.isEmpty { return bySerial }
    let byParty = register.entries.filter { $0.party.description == target || $0.party.name == target }
    let parties = Set(byParty.map(\.party))
    guard parties.count < 2 else {
      let names = parties.map(\.description).sorted().joined(separator: " or ")
      throw ConsiliumError(.invalidInput, "\(target.quotedForMessage) could mean \(names); name one of them")
    }
    guard !byParty.isEmpty else {
      throw ConsiliumError(
        .invalidInput,
        "no certificate with this holder or serial was issued: \(target.quotedForMessage); 'consilium provision list' shows all"
      )
    }
    return byParty
  }
}
