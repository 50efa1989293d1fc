import FederatedCore
import Foundation
import ParameterFiles
import TestSupport
import Testing

@testable import ConsiliumCommands

@Suite struct ModelInspectTests {
  private let model = ModelParameters(
    layout: ParameterLayout(entries: [
      .init(name: "conv.weight", shape: [2, 1, 3]), .init(name: "bn.running_mean", shape: [2], role: .buffer),
    ]), values: (0..<8).map(Float.init))

  @Test func listsTensorsOfAFile() async throws {
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "model.safetensors")
      try ParameterFile.write(model, to: file)
      let printed = await consilium("model", "inspect", file.path)
      #expect(printed.status == 0)
      #expect(
        printed.out == """
          \(file.path)
          SHA-256     \(ParameterDigest.sha256(of: model))
          parameters  6 trainable, 2 in buffers
          tensors     2
            conv.weight      2×1×3
            bn.running_mean  2  buffer

          """)
      let json = await consilium("model", "inspect", file.path, "--json")
      #expect(json.out.contains(#"{"name":"bn.running_mean","part":"model","role":"buffer","shape":[2]}"#))
    }
  }

  @Test func otherFileIsInvalidInput() async {
    let path = Fixtures.file("clinic/study.yaml")
    let printed = await consilium("model", "inspect", path)
    #expect(printed.status == 2)
    #expect(printed.err.contains(path))
  }
}
