import ArgumentParser

struct ModelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract: "Look into models, verify them, take them out of a run, bring PyTorch's in.",
    subcommands: [ModelInspect.self, ModelExport.self, ModelImport.self, ModelVerify.self])
}
