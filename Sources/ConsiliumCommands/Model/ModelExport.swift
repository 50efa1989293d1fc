import ArgumentParser
import FederatedCore
import Foundation
import ParameterFiles
import Reporting

struct ModelExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Copy a run's model to a safetensors file that PyTorch can open.",
    discussion: "In Python: model.load_state_dict(safetensors.torch.load_file(FILE), strict=False)")

  @Argument(help: ArgumentHelp("The run folder.", valueName: "run"))
  var path: String

  @Option(help: "The arm: local, pooled, fedavg, …")
  var arm: String

  @Option(help: "The site, if the arm has a model per site.")
  var site: String?

  @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
  var out: String

  func run() throws {
    let model = try Report(run: path).results.model(arm: arm, site: site)
    let source = URL(fileURLWithPath: path, isDirectory: true).appending(path: model.file)
    let parameters = try ParameterFile.readModel(from: source)
    guard ParameterDigest.sha256(of: parameters) == model.digest else {
      throw ConsiliumError(
        .storage, "\(source.path) is not the model recorded by the run; its digest differs")
    }
    try ParameterFile.write(parameters, to: URL(fileURLWithPath: out))
    Console.current.print("\(out): \(arm), round \(model.selectedRound), SHA-256 \(model.digest)")
  }
}

extension StudyResults {
  /// The model of an arm, or of one site in it.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidInput` if the names do not identify one model.
  func model(arm name: String, site: String?) throws -> ModelResults {
    guard let arm = arms.first(where: { $0.name == name }) else {
      throw ConsiliumError(
        .invalidInput, "the run has no arm '\(name)'; it has \(arms.map(\.name).joined(separator: ", "))")
    }
    let found = arm.models.filter { $0.site?.rawValue == site || arm.models.count == 1 && site == nil }
    guard found.count == 1 else {
      let sites = arm.models.compactMap(\.site?.rawValue).joined(separator: ", ")
      throw ConsiliumError(
        .invalidInput,
        sites.isEmpty
          ? "the arm '\(name)' has one model for all sites; leave out --site"
          : "the arm '\(name)' has a model per site; choose one with --site: \(sites)")
    }
    return found[0]
  }
}
