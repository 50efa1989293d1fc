import Credentials
import StudyAgreement

/// What came of verifying an audit log.
public struct AuditVerification: Sendable, Codable, Equatable {
  /// In the order of the lines, those of the whole file last; at most ``AuditVerifier/mostFaults``.
  public internal(set) var faults: [AuditFault] = []
  /// All faults, also those beyond the most that are listed.
  public internal(set) var faultCount = 0
  /// What is no fault and yet worth knowing.
  public internal(set) var notes: [String] = []
  /// Whose log it says it is.
  public internal(set) var owner: Party?
  /// The log's id.
  public internal(set) var log: String?
  /// The number of lines that are entries.
  public internal(set) var entryCount = 0
  /// The last entry's place in the chain.
  public internal(set) var head: AuditAnchor?
  /// The last entry that a seal of the owner covers; 0 where there is none.
  public internal(set) var sealedThrough = 0
  public internal(set) var sealCount = 0

  /// True where nothing is changed, missing, reordered or forged as far as the log and the anchors tell.
  public var isWhole: Bool { faultCount == 0 }

  mutating func add(_ kind: AuditFault.Kind, _ message: String, line: Int? = nil) {
    faultCount += 1
    if faults.count < AuditVerifier.mostFaults {
      faults.append(AuditFault(line: line, kind: kind, message: message))
    }
  }
}
