import FederatedCore
import Foundation
import Testing

/// Large vectors in files without a name.
struct ParameterSpoolTests {
  private let count = 4 << 20

  @Test func aSumInAFileIsTheSameAsInMemory() throws {
    let values = (0..<count).lazy.map { Float($0 % 977) }
    let folder = FileManager.default.temporaryDirectory.path
    let inMemory = try sum(Array(values))
    let inFile = try ParameterBuffer.$spool.withValue(folder) { try sum(Array(values)) }
    #expect(inFile == inMemory)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix(".spool-") }
    #expect(left.isEmpty)
  }

  @Test func withoutAFolderItFallsBackToMemory() {
    ParameterBuffer.$spool.withValue("/nowhere/at/all") {
      var buffer = ParameterBuffer(zeros: count)
      buffer.withUnsafeMutableValues { $0[count - 1] = 1 }
      #expect(buffer.withUnsafeValues { $0[count - 1] } == 1)
    }
  }

  private func sum(_ values: [Float]) throws -> ParameterBuffer {
    let layout = ParameterLayout(entries: [.init(name: "w", shape: [values.count])])
    var model = ModelParameters(layout: layout, values: values)
    let copy = model
    model.add(copy, scaledBy: 0.5)
    model.move(towards: .zeros(layout), by: 0.25)
    return model.buffer
  }
}
