import Credentials
import FederatedCore
import Foundation
import StudyAgreement

/// Checks the seals of a log, and that none is missing.
struct SealCheck {
  private let authority: Authority?
  /// The contents of the log's first entry.
  var genesis: AuditGenesis?
  /// The number of the last entry so far that is a valid seal.
  private var sealed = 0
  /// Whether the current stretch without a seal was already reported. The next seal resets it.
  private var isOverdue = false

  init(authority: Authority?) { self.authority = authority }

  mutating func take(_ entry: AuditEntry, line: Int, _ result: inout AuditVerification) {
    if let seal = entry.seal {
      guard entry.action == .logSealed else {
        result.add(.wrongSeal, "an entry that is not a seal has a signature", line: line)
        return
      }
      if let fault = fault(of: seal, in: entry) {
        result.add(.wrongSeal, fault, line: line)
      } else {
        result.sealCount += 1
        // The seal signs the hash of the previous entry, to which its own entry links. `ChainCheck`
        // verifies that link.
        (sealed, isOverdue) = (entry.sequence, false)
      }
    } else if entry.action == .logSealed {
      result.add(.wrongSeal, "the seal has no signature", line: line)
    }
    checkInterval(at: entry.sequence, line: line, &result)
  }

  func finish(_ result: inout AuditVerification, end: Int) {
    result.sealedThrough = max(0, sealed - 1)
    guard let genesis else { return }
    guard genesis.sealEvery != nil else {
      let words = "the log has no seals, so anyone who can write the file can forge the whole log"
      // Report an error only if the caller passes an authority and so expects the log's origin to be
      // verified.
      if authority == nil { result.notes.append(words) } else { result.add(.unsealed, words) }
      return
    }
    if sealed == 0 {
      result.add(.unsealed, "the log has no seal of its owner, although its first entry announces seals")
    } else if end > sealed {
      result.notes.append(
        "the last \(end - sealed == 1 ? "entry has" : "\(end - sealed) entries have") no seal yet")
    }
    if authority == nil, sealed > 0 {
      result.notes.append(
        "the owner's certificate was not checked against the consortium's; to check it, give its authority")
    }
  }

  private mutating func checkInterval(at sequence: Int, line: Int, _ result: inout AuditVerification) {
    guard let every = genesis?.sealEvery, !isOverdue, sequence - sealed > every else { return }
    isOverdue = true
    result.add(
      .unsealed,
      "more than \(every) entries have no seal: the seals were removed, or the owner could not sign",
      line: line)
  }

  /// The problem of a seal; `nil` if the seal is the owner's.
  private func fault(of seal: Signature, in entry: AuditEntry) -> String? {
    guard let genesis else { return "the first entry does not name the owner, so no seal can be checked" }
    guard seal.signer == genesis.owner else {
      return "the seal was made by \(seal.signer), but the log belongs to \(genesis.owner)"
    }
    let head = AuditAnchor(sequence: entry.sequence - 1, hash: entry.previous)
    let statement = Sealing.statement(log: genesis.id, head: head)
    do throws(ConsiliumError) {
      if let authority {
        let signer = try authority.verify(seal, over: statement, at: entry.time)
        return signer == genesis.owner
          ? nil : "the seal was made by \(signer), but the log belongs to \(genesis.owner)"
      }
      let certificate = try PeerCertificate(derEncoded: Array(seal.certificate))
      guard certificate.party == genesis.owner, certificate.isValid(seal, over: statement) else {
        return "the signature was not made for this log"
      }
      return nil
    } catch {
      return error.message
    }
  }
}
