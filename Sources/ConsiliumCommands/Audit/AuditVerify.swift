import ArgumentParser
import AuditLog
import Credentials
import FederatedCore
import Foundation
import StudyAgreement

struct AuditVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Find every changed, missing, reordered or forged entry of an audit log.",
    discussion: """
      Works offline, on a copy of the log. With the consortium's authority it verifies the seals. Only with anchors does it \
      detect that the end was cut off, or that the whole log was replaced: give the manifest of a model to which the owner \
      contributed. Exit status: 0 whole, 2 not whole.
      """)

  @Argument(help: ArgumentHelp("An audit log, or a folder that contains one as audit.log.", valueName: "log"))
  var path: String

  @OptionGroup var authority: AuthorityOption

  @Option(
    help: ArgumentHelp("The owner that the log must have, for example site/DU.", valueName: "role/name"))
  var owner: String?

  @Option(
    help: ArgumentHelp(
      "An entry that the log must contain; may be repeated.", valueName: "sequence:hash"))
  var anchor: [String] = []

  @Option(
    help: ArgumentHelp(
      "A model's manifest file, which names entries that the logs of the coordinator and of each site must contain.",
      valueName: "file"))
  var manifest: [String] = []

  @Flag(help: "Print one JSON object per line: each fault, then a summary.")
  var json = false

  func validate() throws {
    if let wrong = anchor.first(where: { AuditAnchor($0) == nil }) {
      throw ValidationError(
        "--anchor must be an entry's number, ':' and its hash of 64 hexadecimal digits, not '\(wrong)'")
    }
  }

  func run() throws {
    let console = Console.current
    let authority = try authority.load()
    let verifier = AuditVerifier(
      authority: authority, owner: try owner.map { try Party(parsing: $0) },
      anchors: anchor.compactMap { AuditAnchor($0) }, documents: try documents(authority))
    let found = try verifier.verify(URL(fileURLWithPath: path))
    if json {
      for fault in found.faults { console.print(JSONLine.encode(FaultLine(fault: fault))) }
      console.print(JSONLine.encode(summary(found)))
    } else {
      for fault in found.faults { console.print("\(path): \(fault)".onOneLine) }
      for line in summary(found).lines { console.print(line.onOneLine) }
    }
    guard found.isWhole else {
      throw ConsiliumError(
        .invalidInput,
        "'\(path)' is not whole: \(found.faultCount == 1 ? "1 fault" : "\(found.faultCount) faults")"
          + (found.faultCount > found.faults.count
            ? ", of which the first \(found.faults.count) are listed" : ""))
    }
  }

  /// The manifests, once their signatures are verified if there is an authority.
  private func documents(_ authority: Authority?) throws -> [AnchorDocument] {
    try manifest.map { path in
      let file = try ManifestFile(reading: URL(fileURLWithPath: path))
      if let authority, let fault = file.faultsOfRounds(by: authority, at: Date()).first {
        throw ConsiliumError(
          .invalidInput, "'\(path)' is not genuine, so it shows nothing about a log: \(fault)")
      }
      return AnchorDocument(name: path, anchors: file.auditAnchors)
    }
  }

  private func summary(_ found: AuditVerification) -> Summary {
    var summary = Summary(found, file: path)
    if anchor.isEmpty, manifest.isEmpty {
      summary.notes.append(
        "nothing shows that the log is complete to its end; give a model's manifest, or an anchor that was noted earlier"
      )
    }
    return summary
  }

  private struct FaultLine: Encodable {
    var event = "fault"
    var line: Int?
    var kind: AuditFault.Kind
    var message: String

    init(fault: AuditFault) { (line, kind, message) = (fault.line, fault.kind, fault.message) }
  }

  /// The summary of the verification, printed after the problems that it found.
  private struct Summary: Encodable {
    var event = "verification"
    var file: String
    var isWhole: Bool
    var owner: String?
    var log: String?
    var entries: Int
    /// The last entry, in the form that `--anchor` accepts.
    var head: String?
    var sealedThrough: Int
    var faults: Int
    var notes: [String]

    init(_ found: AuditVerification, file: String) {
      self.file = file
      isWhole = found.isWhole
      owner = found.owner?.description
      log = found.log
      (entries, head, sealedThrough) = (found.entryCount, found.head?.description, found.sealedThrough)
      (faults, notes) = (found.faultCount, found.notes)
    }

    var lines: [String] {
      [
        "\(file): \(isWhole ? "whole" : "not whole"), \(entries == 1 ? "1 entry" : "\(entries) entries")",
        owner.map { "  owner    \($0)" }, log.map { "  log      \($0)" }, head.map { "  last     \($0)" },
        sealedThrough > 0 ? "  sealed   through entry \(sealedThrough)" : nil,
      ].compactMap(\.self) + notes.map { "  note     \($0)" }
    }
  }
}
