import Credentials
import FederatedCore
import Foundation
import ParameterFiles
import StudyAgreement
import StudyRuns

/// The models of a run and their manifests. Every file in the folder must belong to them.
struct ModelFolder {
  private static let manifestSuffix = ".manifest.json"
  private static let modelSuffix = ".safetensors"
  /// The weights from which the models were trained. Only the coordinator's own folder contains them.
  private static let initial = "initial.safetensors"

  private let folder: URL
  /// The names of all files, sorted.
  private let names: [String]
  /// The manifests that can be read, by the name of their model's file.
  private let manifests: [String: ManifestFile]

  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if there is no manifest.
  init(_ folder: URL) throws {
    self.folder = folder
    names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
    let signed = names.filter { $0.hasSuffix(Self.manifestSuffix) }
    guard !signed.isEmpty else {
      throw ConsiliumError(
        .invalidInput,
        "'\(folder.path)' contains no model with a manifest; runs across machines are signed, simulations are not"
      )
    }
    manifests = try Dictionary(
      uniqueKeysWithValues: signed.map {
        (
          $0.dropLast(Self.manifestSuffix.count) + Self.modelSuffix,
          try ManifestFile(reading: folder.appending(path: $0))
        )
      })
  }

  /// The names of the study's models that are not here, sorted.
  var absentModels: [String] {
    guard let agreement = manifests.values.compactMap(\.agreement).first,
      let study = try? agreement.proposal.read().study,
      let plan = try? NetworkPlan(study, members: agreement.signers)
    else { return [] }
    let present = Set(manifests.values.map(\.arm))
    return plan.models.map(\.name).filter { !present.contains($0) }.sorted()
  }

  func verify(by authority: Authority, at date: Date) throws -> [VerifiedModel] {
    let models = try manifests.keys.sorted().map { try verify(model: $0, by: authority, at: date) }
    let known = Set(manifests.keys)
    let others = names.filter { !known.contains($0) && !$0.hasSuffix(Self.manifestSuffix) }
    return try models + others.map(verify(unlisted:))
  }

  private func verify(model name: String, by authority: Authority, at date: Date) throws -> VerifiedModel {
    let url = folder.appending(path: name)
    guard names.contains(name) else {
      return VerifiedModel(url, fault: "the model is missing, although its manifest is here")
    }
    var verified = try VerifiedModel(url, authority: authority, at: date)
    if let study = manifests.keys.min().flatMap({ manifests[$0]?.study }), verified.study != study {
      verified.faults.append("the model is of another study than the others in this folder")
    }
    if let arm = verified.arm, name != arm + Self.modelSuffix {
      verified.faults.append("the file has the name of another arm than '\(arm)'")
    }
    return verified
  }

  /// A file that no manifest accompanies.
  private func verify(unlisted name: String) throws -> VerifiedModel {
    let url = folder.appending(path: name)
    guard name.hasSuffix(Self.modelSuffix) else {
      return VerifiedModel(url, fault: "the file does not belong to the models; remove it")
    }
    let digest = try? ParameterDigest.sha256(of: ParameterFile.read(named: url.path))
    let starts = manifests.values.compactMap { $0.rounds.first?.statement.modelBefore }
    if name == Self.initial, let digest, starts.allSatisfy({ $0 == digest }) {
      return VerifiedModel(
        url, sha256: digest, fault: nil, note: "these are the weights from which the models were trained")
    }
    return VerifiedModel(
      url, sha256: digest,
      fault: name == Self.initial
        ? "these are not the weights from which the models were trained"
        : "its manifest '\(name.dropLast(Self.modelSuffix.count) + Self.manifestSuffix)' is missing")
  }
}
