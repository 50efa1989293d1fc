import FederatedCore
import Foundation
import TestSupport
import Testing

@testable import FederatedTransport

struct BlobNameTests {
  /// Sizes below, at and above the limits of chunks, with the header of the file.
  @Test(arguments: [0, 1, 131_000, 131_072, 262_144, 300_001])
  func nameOfParametersIsThatOfTheirFile(count: Int) async throws {
    try await withTemporaryFolder { folder in
      let layout = ParameterLayout(entries: [.init(name: "w", shape: [count]), .init(name: "b", shape: [])])
      let values = (0...count).map { Float($0) * 0.5 }
      let model = ModelParameters(layout: layout, values: values)
      let group = NamedParts(names: ["model", "control"], parts: [model, .zeros(layout)])
      let file = try BlobStore(folder).add(group)
      #expect(BlobDescriptor.name(ofFileWith: group) == file.name)
    }
  }
}
