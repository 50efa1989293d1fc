import FederatedCore
import Foundation
import ParameterFiles
import Testing

/// Large vectors in unnamed files.
struct ParameterSpoolTests {
  private let count = 4 << 20

  @Test func sumInAFileEqualsTheSumInMemory() throws {
    let values = (0..<count).lazy.map { Float($0 % 977) }
    let folder = FileManager.default.temporaryDirectory.path
    let inMemory = try sum(Array(values))
    let spool = ParameterSpool(folder: folder)
    let inFile = try VectorSpool.$current.withValue(spool) { try sum(Array(values)) }
    #expect(inFile == inMemory)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix(".spool-") }
    #expect(left.isEmpty)
  }

  @Test func missingFolderFallsBackToMemory() {
    VectorSpool.$current.withValue(ParameterSpool(folder: "/nowhere/at/all")) {
      var buffer = ParameterBuffer(zeros: count)
      buffer.withUnsafeMutableValues { $0[count - 1] = 1 }
      #expect(buffer.withUnsafeValues { $0[count - 1] } == 1)
    }
  }

  @Test func reusedMemoryIsZeroed() {
    VectorSpool.$current.withValue(ParameterSpool(folder: FileManager.default.temporaryDirectory.path)) {
      for _ in 0..<4 {
        var buffer = ParameterBuffer(zeros: count)
        buffer.withUnsafeMutableValues { values in
          #expect(values.allSatisfy { $0 == 0 })
          values.update(repeating: 7)
        }
      }
    }
  }

  @Test func memoryOfAVectorInUseIsNotReused() {
    VectorSpool.$current.withValue(ParameterSpool(folder: FileManager.default.temporaryDirectory.path)) {
      var kept = (0..<4).map { number -> ParameterBuffer in
        var buffer = ParameterBuffer(zeros: count)
        buffer.withUnsafeMutableValues { $0[count - 1] = Float(number) }
        return buffer
      }
      kept.remove(at: 1)
      for number in 4..<6 {
        var buffer = ParameterBuffer(zeros: count)
        buffer.withUnsafeMutableValues { $0[count - 1] = Float(number) }
        kept.append(buffer)
      }
      #expect(kept.map { $0.withUnsafeValues { $0[count - 1] } } == [0, 2, 3, 4, 5])
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
