import FederatedCore
import Foundation
import ParameterFiles
import TestSupport
import Testing

struct ParameterFileTests {
  @Test(arguments: ["single", "half", "double", "brain"])
  func readsWhatTheReferenceLibraryWrote(_ name: String) throws {
    let model = try ParameterFile.readModel(from: fixture("\(name).safetensors"), layout: fixtureLayout)
    #expect(model.values == fixtureValues)
    #expect(model.layout == fixtureLayout)
  }

  @Test func readsTheLayoutOfAPyTorchFile() throws {
    let layout = try ParameterFile.readModel(from: fixture("single.safetensors")).layout
    #expect(layout.entries.sorted { $0.name < $1.name } == fixtureLayout.entries.sorted { $0.name < $1.name })
  }

  @Test func refusesWholeNumbers() throws {
    try expectFault("tensor 'mask' has type U8") {
      try ParameterFile.readModel(from: fixture("bytes.safetensors"))
    }
  }

  @Test(arguments: [ParameterFile.Durability.durable, .fast])
  func modelRoundTrips(_ durability: ParameterFile.Durability) throws {
    let folder = try TemporaryFolder()
    let model = ModelParameters(
      layout: fixtureLayout, values: fixtureValues.map { $0 == 0 ? Float.nan : $0 })
    try ParameterFile.write(model, to: folder.file("model.safetensors"), durability: durability)
    #expect(try ParameterFile.readModel(from: folder.file("model.safetensors")) == model)
    #expect(
      try ParameterFile.readModel(from: folder.file("model.safetensors"), layout: fixtureLayout) == model)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["model.safetensors"])
  }

  @Test func groupRoundTrips() throws {
    let folder = try TemporaryFolder()
    let odd = ParameterLayout(entries: [
      .init(name: "a \"quoted\\\" ünïcode\n name", shape: [3, 0, 2]), .init(name: "w", shape: [4]),
      .init(name: "empty", shape: [0], role: .buffer),
    ])
    let pair = Pair(parts: [
      ModelParameters(layout: fixtureLayout, values: fixtureValues),
      ModelParameters(layout: odd, values: [1, 2, 3, 4] as [Float]),
    ])
    try ParameterFile.write(pair, to: folder.file("pair.safetensors"))
    #expect(try ParameterFile.read(from: folder.file("pair.safetensors")) == NamedParts(pair))
    #expect(try ParameterFile.readModel(from: folder.file("pair.safetensors")) == pair.parts[0])

    try ParameterFile.write(NoParameters(), to: folder.file("none.safetensors"))
    #expect(try ParameterFile.read(from: folder.file("none.safetensors")) == NamedParts(NoParameters()))
  }

  @Test func mappedModelSurvivesRemovalOfItsFileAndCanBeChanged() throws {
    let folder = try TemporaryFolder()
    let file = folder.file("model.safetensors")
    try ParameterFile.write(ModelParameters(layout: fixtureLayout, values: fixtureValues), to: file)
    let mapped = try ParameterFile.readModel(from: file)
    try FileManager.default.removeItem(at: file)
    var changed = mapped
    changed.scale(by: 2)
    #expect(mapped.values == fixtureValues)
    #expect(changed.values == fixtureValues.map { $0 * 2 })
  }

  @Test func aLayoutMustBeMatchedExactly() throws {
    let file = try fixture("single.safetensors")
    var entries = fixtureLayout.entries
    entries[0].shape = [2, 3]
    try expectFault("tensor 'conv.weight' has shape [2, 1, 3]; expected [2, 3]") {
      try ParameterFile.readModel(from: file, layout: .init(entries: entries))
    }
    entries[0] = .init(name: "conv1.weight", shape: [2, 1, 3])
    try expectFault("lacks tensor 'conv1.weight'") {
      try ParameterFile.readModel(from: file, layout: .init(entries: entries))
    }
    entries.removeFirst()
    try expectFault("has a tensor 'conv.weight' that the model does not have") {
      try ParameterFile.readModel(from: file, layout: .init(entries: entries))
    }
  }

  @Test
  func anUnwritablePlaceIsNamed() throws {
    let model = ModelParameters(layout: fixtureLayout, values: fixtureValues)
    try expectFault("/nowhere/model.safetensors") {
      try ParameterFile.write(model, to: URL(fileURLWithPath: "/nowhere/model.safetensors"))
    }
  }
}

/// Expects an error with code `.storage` whose message contains `text`.
func expectFault<R>(
  _ text: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> R
) throws {
  let error = try #require(throws: ConsiliumError.self, sourceLocation: sourceLocation) { try body() }
  #expect(error.code == .storage, sourceLocation: sourceLocation)
  #expect(error.message.contains(text), "\(error.message)", sourceLocation: sourceLocation)
}
