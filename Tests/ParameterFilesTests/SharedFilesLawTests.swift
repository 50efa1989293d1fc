import FederatedCore
import Foundation
import TestSupport
import Testing

@testable import ParameterFiles

/// A mapped file never changes, whatever other tasks and processes write, keep, link and remove.
struct SharedFilesLawTests {
  @Test func mappedBytesNeverChange() async throws {
    let folder = try TemporaryFolder()
    let path = folder.url.path
    await withTaskGroup(of: Void.self) { group in
      for seed in 0..<3 {
        group.addTask {
          let faults = Hammer(folder: path, seed: UInt64(seed)).run(steps: 1000)
          #expect(faults.isEmpty)
        }
      }
      group.addTask { await Self.hammerInAnotherProcess(path, seed: 100) }
      group.addTask { await Self.hammerInAnotherProcess(path, seed: 200) }
      await group.waitForAll()
    }
  }

  private static func hammerInAnotherProcess(_ path: String, seed: UInt64) async {
    await #expect(processExitsWith: .success) { [path, seed] in
      let faults = Hammer(folder: path, seed: seed).run(steps: 1000)
      for fault in faults { print(fault) }
      exit(faults.isEmpty ? 0 : 1)
    }
  }
}

/// Performs the operations of coordinator, agents and workers on shared files in random order.
///
/// Every file holds a single repeated value, so that a mapping with bytes of two writes is detected.
private struct Hammer {
  private static let names = ["a", "b", "c"]
  private static let layout = ParameterLayout(entries: [.init(name: "weight", shape: [10_000])])

  private let folder: URL
  private let spares: SpareFiles
  private var random: RandomStream
  private var held: [(model: ModelParameters, value: Float)] = []
  private var faults: [String] = []

  init(folder: String, seed: UInt64) {
    self.folder = URL(fileURLWithPath: folder, isDirectory: true)
    spares = SpareFiles(in: self.folder)
    random = RandomStream(seed: seed)
  }

  consuming func run(steps: Int) -> [String] {
    var hammer = self
    for _ in 0..<steps { hammer.step() }
    while !hammer.held.isEmpty { hammer.letGo() }
    return hammer.faults
  }

  private mutating func step() {
    let url = folder.appending(path: Self.names[Int(random.next() % 3)])
    switch random.next() % 8 {
    case 0: try? ParameterFile.write(newModel(), to: url, durability: .fast)
    case 1: try? ParameterFile.write(NamedParts(newModel()), to: url, over: spares)
    case 2: spares.keep(url.path)
    case 3: spares.place(at: url.path)
    case 4: if let model = held.last?.model { try? ParameterFile.share(model, to: url, durability: .fast) }
    case 5: letGo()
    default: read(url)
    }
  }

  private mutating func newModel() -> ModelParameters {
    let value = Float(random.next() % 1_000_000)
    return ModelParameters(layout: Self.layout, values: Array(repeating: value, count: Self.layout.count))
  }

  /// Maps a file, unless it has just been removed.
  private mutating func read(_ url: URL) {
    guard let model = try? ParameterFile.readModel(from: url, layout: Self.layout) else { return }
    held.append((model, model.buffer.withUnsafeValues { $0[0] }))
    check(held[held.count - 1], "read")
    if held.count > 4 { letGo() }
  }

  private mutating func letGo() {
    guard !held.isEmpty else { return }
    check(held.removeFirst(), "held")
  }

  private mutating func check(_ mapped: (model: ModelParameters, value: Float), _ moment: String) {
    let isWhole = mapped.model.buffer.withUnsafeValues { values in values.allSatisfy { $0 == mapped.value } }
    if !isWhole { faults.append("a mapping changed (\(moment), \(mapped.value))") }
  }
}
