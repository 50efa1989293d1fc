import ArgumentParser
import Credentials
import FederatedCore
import FederatedTransport
import Foundation
import ParameterFiles
import StudyAgreement

struct ModelVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check that a model is the one that the sites and the coordinator signed.",
    discussion: """
      Reads MODEL.manifest.json next to each model: the agreement, and the signed manifest of every round. Works offline. \
      Exit status: 0 genuine, 2 not genuine, 3 genuine, but a round lacks a site that the study requires.
      """)

  @Argument(help: ArgumentHelp("A model (safetensors), or a run folder.", valueName: "model-or-run"))
  var path: String

  @OptionGroup var authority: AuthorityOption

  @Flag(help: "Print one JSON object per model.")
  var json = false

  func validate() throws {
    if authority.authority == nil {
      throw ValidationError("--authority is required: signatures are checked against its certificate")
    }
  }

  func run() throws {
    guard let authority = try authority.load() else { return }
    let results = try models().map { try VerifiedModel($0, authority: authority, at: Date()) }
    for result in results {
      if json {
        Console.current.print(JSONLine.encode(result))
      } else {
        for line in result.lines { Console.current.print(line.onOneLine) }
      }
    }
    let forged = results.filter { !$0.faults.isEmpty }
    guard forged.isEmpty else {
      throw ConsiliumError(.invalidInput, "not genuine: \(forged.map(\.file).joined(separator: ", "))")
    }
    let partial = results.filter { !$0.partialRounds.isEmpty }
    guard partial.isEmpty else {
      throw ConsiliumError(
        .partial,
        "genuine, but some rounds lack required sites: \(partial.map(\.file).joined(separator: ", "))")
    }
  }

  /// The named model, or all models of the named run folder that have a manifest.
  private func models() throws -> [URL] {
    let url = URL(fileURLWithPath: path)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue else {
      return [url]
    }
    let folder = url.appending(path: "models")
    let files =
      (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    let models = files.filter {
      $0.pathExtension == "safetensors"
        && FileManager.default.fileExists(atPath: ManifestFile.url(forModel: $0).path)
    }
    guard !models.isEmpty else {
      throw ConsiliumError(
        .invalidInput,
        "'\(folder.path)' contains no model with a manifest; runs across machines are signed, simulations are not"
      )
    }
    return models.sorted { $0.lastPathComponent < $1.lastPathComponent }
  }
}

extension ManifestFile {
  /// - Throws: ``ConsiliumError`` with code `.invalidInput`.
  init(reading url: URL) throws(ConsiliumError) {
    let data: Data
    do {
      data = try Data(contentsOf: url, options: .mappedIfSafe)
    } catch {
      throw ConsiliumError(
        .invalidInput, "cannot read '\(url.path)'; expected the manifest of a model, which travels with it",
        cause: error)
    }
    try self.init(json: data, file: url.path)
  }
}

/// The output of `model verify` for one model.
private struct VerifiedModel: Encodable {
  var file: String
  var sha256: String
  var study: String
  var arm: String
  var round: Int
  var rounds: Int
  var contributors: [SiteID]
  var faults: [String]
  var partialRounds: [ManifestReview.PartialRound]

  init(_ model: URL, authority: Authority, at date: Date) throws {
    let manifest = try ManifestFile(reading: ManifestFile.url(forModel: model))
    file = model.relativePath
    let parameters = try ParameterFile.read(named: model.path)
    sha256 = ParameterDigest.sha256(of: parameters)
    let review = manifest.verify(
      modelDigest: sha256, fileDigest: try Self.fileDigest(of: parameters, in: model, manifest),
      by: authority, at: date)
    (study, arm, round, rounds) = (manifest.study, manifest.arm, manifest.round, manifest.rounds.count)
    contributors = Set(manifest.rounds.flatMap { $0.statement.contributions.map(\.statement.site) }).sorted()
    (faults, partialRounds) = (review.allFaults, review.rounds.partialRounds)
  }

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
    let verdict =
      !faults.isEmpty ? "NOT GENUINE" : partialRounds.isEmpty ? "genuine" : "genuine, but PARTIAL"
    return [
      "\(file): \(verdict)", "  SHA-256  \(sha256)", "  study    \(study)",
      "  arm      \(arm), round \(round) of \(rounds)",
      "  sites    \(contributors.map(\.rawValue).joined(separator: ", "))",
    ] + faults.map { "  fault    \($0)" }
      + partialRounds.map { round in
        "  partial  round \(round.round) lacks \(round.missing.map(\.rawValue).joined(separator: ", "))"
      }
  }
}
