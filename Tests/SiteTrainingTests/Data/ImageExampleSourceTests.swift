import FederatedCore
import Foundation
import StudyProtocol
import Synchronization
import TestSupport
import Testing

@testable import SiteTraining

/// Augmented batches depend only on the seeds: not on when, by whom or how often they are read.
struct ImageExampleSourceTests {
  private static let changes = """
    flip: {axes: [x, y]}, rotate: {degrees: 20}, scale: {range: [0.8, 1.2]}, \
    intensity: {gain: [0.5, 1.5], offset: [-1, 1]}, noise: {standard-deviation: 0.1, probability: 1}
    """
  private static let count = 6

  /// A batch as bits, so that any difference is detected.
  private struct Bits: Equatable {
    var inputs: [UInt32]
    var mask: [UInt8]

    init(_ batch: Batch) {
      inputs = batch.inputs.map(\.bitPattern)
      mask = if case .mask(let mask) = batch.target { mask } else { [] }
    }
  }

  /// The grey values of an image, and its mask: 1 where the grey value is above one half.
  private static func voxels(_ number: Int) -> (image: [Float], mask: [Float]) {
    var stream = RandomStream(seed: UInt64(number))
    let image = (0..<64).map { _ in Float(stream.nextUnit()) }
    return (image, image.map { $0 > 0.5 ? 1 : 0 })
  }

  /// Passes `body` a source of files that contain the images, or the masks in their place.
  private func withSource<Result>(
    _ augmentation: String, cacheBytes: Int = 1 << 20, showsMasks: Bool = false,
    _ body: (ImageExampleSource) throws -> Result
  ) throws -> Result {
    let study = try SmallImages.study(augmentation: augmentation)
    return try withTemporaryFolder { folder in
      var records: [(site: SiteDefinition, record: Record)] = []
      for number in 0..<Self.count {
        let (image, mask) = Self.voxels(number)
        let files = ["image": showsMasks ? mask : image, "lesion": mask].mapValues {
          ImageFiles.nifti($0, size: [8, 8])
        }
        var record = Record(group: "\(number)", values: [:], place: "table.csv:\(number)")
        for (element, content) in files {
          let url = folder.appending(path: "\(number)-\(element).nii")
          try content.write(to: url)
          record.values[element] = .file(url.path)
        }
        records.append((SmallImages.site("north"), record))
      }
      let source = ImageExampleSource(records, study: study, cache: RecordCache(bound: cacheBytes))
      #expect(source.prepare(dataRoot: folder.path).isEmpty)
      return try body(source)
    }
  }

  private func training(seed: UInt64) -> [BatchLoader.Order] {
    BatchLoader.Order.training(
      exampleCount: Self.count, batchSize: 4, amount: .epochs(2), seed: seed, isAugmented: true,
      dropSingles: false)
  }

  private func load(
    _ orders: [BatchLoader.Order], from source: ImageExampleSource, depth: Int = 3
  ) throws -> [Bits] {
    var found: [Bits] = []
    try BatchLoader(source: source, orders: orders, depth: depth).forEach { found.append(Bits($0)) }
    return found
  }

  @Test func theSameOrdersGiveTheSameBits() throws {
    let orders = training(seed: 9)
    let first = try withSource(Self.changes) { source in
      let once = try load(orders, from: source)
      #expect(once.map(\.mask.count) == [256, 128, 256, 128])
      #expect(try load(orders, from: source, depth: 1) == once)
      #expect(try load(orders, from: source, depth: 8) == once)
      return once
    }
    // From new files, decoded again for each batch.
    let again = try withSource(Self.changes, cacheBytes: 0) { try load(orders, from: $0) }
    #expect(again == first)
    let other = try withSource(Self.changes) { try load(training(seed: 10), from: $0) }
    #expect(other != first)
  }

  /// Several threads read in any order, without a shared cache.
  @Test func threadsDoNotDisturbEachOther() throws {
    let orders = training(seed: 9)
    try withSource(Self.changes, cacheBytes: 0) { source in
      let wanted = try load(orders, from: source)
      let found = Mutex([Int: Bits]())
      DispatchQueue.concurrentPerform(iterations: 4 * orders.count) { turn in
        let order = orders[turn % orders.count]
        let batch = try? source.batch(order.indices, augmentationSeeds: order.augmentationSeeds)
        found.withLock { $0[turn] = batch.map { Bits($0) } }
      }
      let batches = found.withLock { $0 }
      for turn in 0..<(4 * orders.count) { #expect(batches[turn] == wanted[turn % orders.count]) }
    }
  }

  /// The seed belongs to the example: neither its neighbours nor its position in the batch matter.
  @Test func augmentationUsesTheSeedOfTheExample() throws {
    try withSource(Self.changes) { source in
      let pair = try Bits(source.batch([4, 1], augmentationSeeds: [70, 80]))
      let single = try Bits(source.batch([1], augmentationSeeds: [80]))
      #expect(Array(pair.inputs[64...]) == single.inputs && Array(pair.mask[64...]) == single.mask)
      #expect(try Bits(source.batch([1], augmentationSeeds: [81])).inputs != single.inputs)
    }
  }

  /// Mirroring keeps all grey values, and each stays with its label.
  @Test func theMaskMovesWithTheImage() throws {
    try withSource("flip: {axes: [x, y]}", showsMasks: true) { source in
      var moved = 0
      for seed in 0..<UInt64(20) {
        let batch = try source.batch([2], augmentationSeeds: [seed])
        let original = Self.voxels(2).mask
        #expect(Bits(batch).mask.map { Float($0) } == batch.inputs)
        #expect(batch.inputs.reduce(0, +) == original.reduce(0, +))
        moved += batch.inputs == original ? 0 : 1
      }
      // Each of two axes is mirrored half of the time, so three in four images change.
      #expect((10...19).contains(moved))
    }
  }

  @Test func evaluationIsNeverAugmented() throws {
    try withSource(Self.changes) { source in
      let orders = BatchLoader.Order.evaluation(of: [4, 0, 5], batchSize: 2)
      #expect(orders.allSatisfy { $0.augmentationSeeds == nil })
      let found = try load(orders, from: source)
      let raw = [4, 0, 5].map { Self.voxels($0) }
      #expect(found.flatMap(\.inputs) == raw.flatMap { $0.image }.map(\.bitPattern))
      #expect(found.flatMap(\.mask).map { Float($0) } == raw.flatMap { $0.mask })
    }
  }
}
