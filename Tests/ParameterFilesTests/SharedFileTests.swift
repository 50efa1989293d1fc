import FederatedCore
import Foundation
import ParameterFiles
import TestSupport
import Testing

/// Sharing unchanged parameters gives their file a further name. Other parameters are written to a new file.
struct SharedFileTests {
  private func file(_ url: URL) -> Int? {
    (try? FileManager.default.attributesOfItem(atPath: url.path))?[.systemFileNumber] as? Int
  }

  private func withModel(_ body: (TemporaryFolder, ModelParameters, URL) throws -> Void) throws {
    let folder = try TemporaryFolder()
    let url = folder.file("model.safetensors")
    try ParameterFile.write(ModelParameters(layout: fixtureLayout, values: fixtureValues), to: url)
    try body(folder, try ParameterFile.readModel(from: url), url)
  }

  @Test(arguments: [ParameterFile.Durability.durable, .fast])
  func readParametersAreSharedAsAnotherNameOfTheirFile(_ durability: ParameterFile.Durability) throws {
    try withModel { folder, model, url in
      let target = folder.file("other.safetensors")
      for _ in 1...2 { try ParameterFile.share(model, to: target, durability: durability) }
      #expect(file(target) == file(url))
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
          == ["model.safetensors", "other.safetensors"])
    }
  }

  @Test func changedParametersAreWritten() throws {
    try withModel { folder, model, url in
      var changed = model
      changed.scale(by: 2)
      let target = folder.file("other.safetensors")
      try ParameterFile.share(changed, to: target)
      #expect(file(target) != file(url))
      #expect(try ParameterFile.readModel(from: target) == changed)
      #expect(try ParameterFile.readModel(from: url) == model)
    }
  }

  @Test func replacedFileIsNotShared() throws {
    try withModel { folder, model, url in
      try Data("not a model".utf8).write(to: url, options: .atomic)
      let target = folder.file("other.safetensors")
      try ParameterFile.share(model, to: target)
      #expect(try ParameterFile.readModel(from: target) == model)
    }
  }

  @Test func sharingAPyTorchFileWritesOurOwnForm() throws {
    let folder = try TemporaryFolder()
    let model = try ParameterFile.readModel(from: fixture("single.safetensors"), layout: fixtureLayout)
    let (shared, written) = (folder.file("shared.safetensors"), folder.file("written.safetensors"))
    try ParameterFile.share(model, to: shared)
    try ParameterFile.write(model, to: written)
    #expect(try Data(contentsOf: shared) == Data(contentsOf: written))
  }

  @Test func temporaryFileIsRemovedWithItsLastCopy() throws {
    try withModel { folder, model, url in
      let target = folder.file("other.safetensors")
      do {
        let temporary = try ParameterFile.readModel(from: url, isTemporary: true)
        #expect(file(url) != nil)
        try ParameterFile.share(temporary, to: target)
      }
      #expect(file(url) == nil)
      #expect(try ParameterFile.readModel(from: target) == model)
    }
  }
}
