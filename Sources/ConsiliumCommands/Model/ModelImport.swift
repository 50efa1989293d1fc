import ArgumentParser
import FederatedCore
import FederatedRuntime
import Foundation
import ParameterFiles
import WorkerProtocol

struct ModelImport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Check a PyTorch state_dict against a study's model and import it.",
    discussion: """
      In Python: safetensors.torch.save_file(model.state_dict(), FILE). It must contain every parameter of the study's model \
      with the same name and shape. Then name the written file as model.initial-weights in the study.
      """)

  @Argument(help: ArgumentHelp("A safetensors file.", valueName: "file"))
  var path: String

  @OptionGroup var input: StudyInput

  @OptionGroup var engine: EngineInput

  @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
  var out: String

  func run() async throws {
    let console = Console.current
    let input = try input.resolve(environment: console.environment)
    let layout = try await layout(of: input)
    let model = try Self.read(path, layout: layout)
    try ParameterFile.write(model, to: URL(fileURLWithPath: out))
    console.print(
      "\(out): \(model.count) parameters of '\(input.study.header.name)', SHA-256 \(ParameterDigest.sha256(of: model))"
    )
  }

  private static func read(_ path: String, layout: ParameterLayout) throws -> ModelParameters {
    do {
      return try ParameterFile.readModel(from: URL(fileURLWithPath: path), layout: layout)
    } catch {
      throw ConsiliumError(.invalidInput, error.message, cause: error)
    }
  }

  /// Has a worker build the study's model, and returns its layout.
  private func layout(of input: StudyInput.Resolved) async throws -> ParameterLayout {
    let session = try input.session(of: input.sites[0])
    let reply = try await withScratchFolder { folder in
      let output = folder.appending(path: "model.safetensors").path
      return try await engine.withEngine { engine in
        try await engine.perform(
          .initialise(InitialiseModel(session: session.session, output: output)), in: session)
      }
    }
    guard case .initialised(let layout) = reply else {
      throw ConsiliumError(.engine, "the worker process sent the wrong kind of answer")
    }
    return layout
  }
}
