import CPlainLoop
import FederatedCore
import Foundation
import ParameterFiles

/// Averages updates by their weights: in memory, from files that are each read once, and with a plain loop in
/// C.
struct Averaging {
  let layout: ParameterLayout
  let updates: [ModelParameters]
  let weights: [Double]

  init(updates count: Int, parameters: Int) {
    let layout = ParameterLayout(entries: [.init(name: "w", shape: [parameters], role: .trainable)])
    self.layout = layout
    updates = (0..<count).map { ModelParameters(layout: layout, buffer: .pattern(parameters, seed: $0)) }
    weights = (0..<count).map { Double(1 + $0 % 7) }
  }

  struct Answer: Encodable {
    var memory: Double
    var files: Double
    var plainLoop: Double
    /// The peak of anonymous memory in bytes while files were averaged, not counting the updates.
    var filesMemory: Int
    /// The difference between the mean from memory and the plain loop's, relative to the largest element.
    var difference: Double
  }

  func measure(folder: URL) throws -> Answer {
    var plain = [Float](repeating: 0, count: layout.count)
    plainLoop(&plain)
    let plainSeconds = seconds { plainLoop(&plain) }
    var mean: ModelParameters?
    let memorySeconds = try seconds { mean = try average(updates.map { update in { update } }) }
    let files = try write(to: folder)
    defer { for file in files { try? FileManager.default.removeItem(at: file) } }
    let before = ProcessMemory.anonymous()
    var most = 0
    let fileSeconds = try seconds {
      _ = try average(
        files.map { file in
          {
            most = max(most, ProcessMemory.anonymous() - before)
            return try ParameterFile.readModel(from: file, layout: layout)
          }
        })
    }
    return Answer(
      memory: memorySeconds, files: fileSeconds, plainLoop: plainSeconds, filesMemory: most,
      difference: relativeDifference(mean?.values ?? [], plain))
  }

  private func average(_ sources: [() throws -> ModelParameters]) throws -> ModelParameters {
    var mean = WeightedMean<ModelParameters>()
    for (index, source) in sources.enumerated() {
      try mean.add(
        ModelUpdate(
          site: SiteID("site-\(index)"), round: 1, payload: try source(), weight: weights[index]))
    }
    return try mean.finish().payload
  }

  private func plainLoop(_ mean: inout [Float]) {
    let total = weights.reduce(0, +)
    let pointers = updates.map { $0.buffer.withUnsafeValues { $0.baseAddress } }
    let count = layout.count
    plain_weighted_mean(&mean, pointers, weights.map { Float($0 / total) }, updates.count, count, 2)
  }

  private func write(to folder: URL) throws -> [URL] {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return try updates.enumerated().map { index, update in
      let url = folder.appending(path: "update-\(index).safetensors")
      try ParameterFile.write(update, to: url, durability: .fast)
      return url
    }
  }

  private func relativeDifference(_ a: [Float], _ b: [Float]) -> Double {
    let largest = b.reduce(0) { max($0, abs($1)) }
    return Double(zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } / largest)
  }
}

func seconds(_ body: () throws -> Void) rethrows -> Double {
  try ContinuousClock().measure(body) / .seconds(1)
}

extension ParameterBuffer {
  /// Values that differ between elements and seeds, and are fast to compute.
  static func pattern(_ count: Int, seed: Int) -> Self {
    ParameterBuffer(unsafeUninitializedCount: count) { values in
      var state = UInt32(truncatingIfNeeded: seed &* 2_654_435_761 &+ 1)
      for index in values.indices {
        state = state &* 1_664_525 &+ 1_013_904_223
        values.initializeElement(at: index, to: Float(state >> 8) * 0x1p-24 - 0.5)
      }
    }
  }
}
