import Credentials
import StudyAgreement

/// The result of verifying an audit log.
public struct AuditVerification: Sendable, Codable, Equatable {
  /// The problems in the order of their lines, followed by problems of the whole file. At most
  /// ``AuditVerifier/mostFaults`` are listed.
  public internal(set) var faults: [AuditFault] = []
  /// The total number of problems, including those that are not listed.
  public internal(set) var faultCount = 0
  /// Remarks that are not problems.
  public internal(set) var notes: [String] = []
  /// The owner whom the log names.
  public internal(set) var owner: Party?
  /// The log's id.
  public internal(set) var log: String?
  /// The number of lines that are entries.
  public internal(set) var entryCount = 0
  /// The number and the hash of the last entry.
  public internal(set) var head: AuditAnchor?
  /// The number of the last entry that one of the owner's seals covers; 0 if there is none.
  public internal(set) var sealedThrough = 0
  public internal(set) var sealCount = 0

  /// Whether nothing is changed, missing, reordered or forged, as far as the log and the anchors show.
  public var isWhole: Bool { faultCount == 0 }

  mutating func add(_ kind: AuditFault.Kind, _ message: String, line: Int? = nil) {
    faultCount += 1
    if faults.count < AuditVerifier.mostFaults {
      faults.append(AuditFault(line: line, kind: kind, message: message))
    }
  }
}
