import ArgumentParser

struct ModelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract: "Inspect and verify models, copy them out of a run, import PyTorch's weights.",
    subcommands: [ModelInspect.self, ModelExport.self, ModelImport.self, ModelVerify.self])
}
