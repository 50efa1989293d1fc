import Credentials
import FederatedCore
import FederatedTransport
import Foundation
import ParameterFiles
import StudyAgreement

/// The output of `model verify` for one file.
struct VerifiedModel: Encodable {
  var file: String
  var sha256: String?
  var study: String?
  var arm: String?
  var round: Int?
  var rounds: Int?
  var contributors: [SiteID]?
  var faults: [String]
  var partialRounds: [ManifestReview.PartialRound]?
  /// Why the model is not the agreed result although it is genuine.
  var shortcoming: String?
  var notes: [String] = []

  /// A file without a manifest.
  ///
  /// - Parameters:
  ///   - fault: What is wrong with it; `nil` if it belongs to the models.
  ///   - note: What it is.
  init(_ file: URL, sha256: String? = nil, fault: String?, note: String? = nil) {
    self.file = file.relativePath
    self.sha256 = sha256
    faults = fault.map { [$0] } ?? []
    notes = note.map { [$0] } ?? []
  }

  /// A model with its manifest.
  init(_ model: URL, authority: Authority, at date: Date) throws {
    let manifest = try ManifestFile(reading: ManifestFile.url(forModel: model))
    file = model.relativePath
    let parameters = try ParameterFile.read(named: model.path)
    let digest = ParameterDigest.sha256(of: parameters)
    let review = manifest.verify(
      modelDigest: digest, fileDigest: try Self.fileDigest(of: parameters, in: model, manifest),
      by: authority, at: date)
    sha256 = digest
    study = manifest.study
    arm = manifest.arm
    round = manifest.round
    rounds = manifest.rounds.count
    contributors = Set(manifest.rounds.flatMap { $0.statement.contributions.map(\.statement.site) }).sorted()
    faults = review.allFaults
    partialRounds = review.rounds.partialRounds
    shortcoming = review.shortcoming
    notes = review.notes
  }

  /// Whether something that the study requires is missing.
  var isPartial: Bool { shortcoming != nil || partialRounds?.isEmpty == false }

  /// The digest of the file in which sites receive these parameters, even if another program wrote the given
  /// file.
  private static func fileDigest(of parameters: NamedParts, in model: URL, _ manifest: ManifestFile) throws
    -> String
  {
    let digest = try BlobDescriptor.name(of: model)
    if manifest.rounds.contains(where: { $0.statement.fileAfter == digest }) { return digest }
    let file = FileManager.default.temporaryDirectory.appending(path: "verify-\(UUID()).safetensors")
    defer { try? FileManager.default.removeItem(at: file) }
    try ParameterFile.write(parameters, to: file, durability: .fast)
    return try BlobDescriptor.name(of: file)
  }

  var lines: [String] {
    let verdict = !faults.isEmpty ? "NOT GENUINE" : isPartial ? "genuine, but PARTIAL" : "genuine"
    var lines = ["\(file): \(verdict)"]
    if let sha256 { lines.append("  SHA-256  \(sha256)") }
    if let study { lines.append("  study    \(study)") }
    if let arm, let round, let rounds { lines.append("  arm      \(arm), round \(round) of \(rounds)") }
    if let contributors {
      lines.append("  sites    \(contributors.map(\.rawValue).joined(separator: ", "))")
    }
    lines += faults.map { "  fault    \($0)" }
    lines += (partialRounds ?? []).map { round in
      "  partial  round \(round.round) lacks \(round.missing.map(\.rawValue).joined(separator: ", "))"
    }
    if let shortcoming { lines.append("  partial  \(shortcoming)") }
    return lines + notes.map { "  note     \($0)" }
  }
}
