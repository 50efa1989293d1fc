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
        result.add(.wrongSeal, "an entry that is no seal bears a signature", line: line)
        return
      }
      if let fault = fault(of: seal, in: entry) {
        result.add(.wrongSeal, fault, line: line)
      } else {
        result.sealCount += 1
        // The seal signs the hash that its entry links to. Whether the log contains that entry is for the
        // chain to check.
        (sealed, isOverdue) = (entry.sequence, false)
      }
    } else if entry.action == .logSealed {
      result.add(.wrongSeal, "the seal bears no signature", line: line)
    }
    checkInterval(at: entry.sequence, line: line, &result)
  }

  func finish(_ result: inout AuditVerification, end: Int) {
    result.sealedThrough = max(0, sealed - 1)
    guard let genesis else { return }
    guard genesis.sealEvery != nil else {
      let words = "the log has no seals; who can write the file can write the whole log anew"
      // A caller who passes an authority expects the log's origin to be verified.
      if authority == nil { result.notes.append(words) } else { result.add(.unsealed, words) }
      return
    }
    if sealed == 0 {
      result.add(.unsealed, "the log has no seal of its owner, though it says that it is sealed")
    } else if end > sealed {
      result.notes.append(
        "the last \(end - sealed == 1 ? "entry has" : "\(end - sealed) entries have") no seal yet")
    }
    if authority == nil, sealed > 0 {
      result.notes.append(
        "whether the consortium knows the owner's certificate was not checked; give its authority")
    }
  }

  private mutating func checkInterval(at sequence: Int, line: Int, _ result: inout AuditVerification) {
    guard let every = genesis?.sealEvery, !isOverdue, sequence - sealed > every else { return }
    isOverdue = true
    result.add(
      .unsealed,
      "more than \(every) entries have no seal: the seals were taken out, or the owner could not sign",
      line: line)
  }

  /// The problem of a seal; `nil` if the seal is the owner's.
  private func fault(of seal: Signature, in entry: AuditEntry) -> String? {
    guard let genesis else { return "the first entry does not say whose seals count" }
    guard seal.signer == genesis.owner else {
      return "the seal is of \(seal.signer), the log of \(genesis.owner)"
    }
    let head = AuditAnchor(sequence: entry.sequence - 1, hash: entry.previous)
    let statement = Sealing.statement(log: genesis.id, head: head)
    do throws(ConsiliumError) {
      if let authority {
        let signer = try authority.verify(seal, over: statement, at: entry.time)
        return signer == genesis.owner ? nil : "the seal is of \(signer), the log of \(genesis.owner)"
      }
      let certificate = try PeerCertificate(derEncoded: Array(seal.certificate))
      guard certificate.party == genesis.owner, certificate.isValid(seal, over: statement) else {
        return "the signature is not over this log"
      }
      return nil
    } catch {
      return error.message
    }
  }
}
