import FederatedCore
import Testing

@testable import SiteTraining

struct BatchOrderTests {
  private func orders(
    of count: Int, size: Int, _ amount: TrainingInstruction.Amount, seed: UInt64 = 1,
    isAugmented: Bool = false,
    dropSingles: Bool = false
  ) -> [BatchLoader.Order] {
    BatchLoader.Order.training(
      exampleCount: count, batchSize: size, amount: amount, seed: seed, isAugmented: isAugmented,
      dropSingles: dropSingles)
  }

  @Test(arguments: [(1, 4), (8, 4), (9, 4), (10, 3), (5, 64)])
  func everyExampleOccursOncePerEpoch(count: Int, size: Int) {
    let orders = orders(of: count, size: size, .epochs(3))
    let perEpoch = (count + size - 1) / size
    #expect(orders.count == 3 * perEpoch)
    #expect(orders.dropLast().allSatisfy { !$0.indices.isEmpty && $0.indices.count <= size })
    for epoch in 0..<3 {
      let seen = orders[(epoch * perEpoch)..<((epoch + 1) * perEpoch)].flatMap(\.indices)
      #expect(seen.sorted() == Array(0..<count))
    }
  }

  /// Batch normalisation over an image's pixels can train on a single image, and the study asks for batches
  /// of one.
  @Test(arguments: [TrainingInstruction.Amount.epochs(1), .steps(5)])
  func batchesOfOneAreKeptIfTheBatchSizeIsOne(amount: TrainingInstruction.Amount) {
    let orders = orders(of: 5, size: 1, amount, dropSingles: true)
    #expect(orders.flatMap(\.indices).sorted() == [0, 1, 2, 3, 4])
  }

  @Test func theSeedDecidesTheOrder() {
    func flat(_ seed: UInt64) -> [Int] { orders(of: 50, size: 8, .epochs(2), seed: seed).flatMap(\.indices) }
    #expect(flat(1) == flat(1))
    #expect(flat(1) != flat(2))
    #expect(Array(flat(1)[..<50]) != Array(flat(1)[50...]))
  }

  @Test(arguments: [0, 1, 3, 7]) func stepsAreCounted(steps: Int) {
    #expect(orders(of: 10, size: 4, .steps(steps)).count == steps)
  }

  /// Batch normalisation cannot train on one example.
  @Test func aLastBatchOfOneIsLeftOutOnRequest() {
    #expect(orders(of: 9, size: 4, .epochs(1), dropSingles: true).map(\.indices.count) == [4, 4])
    #expect(orders(of: 9, size: 4, .epochs(1)).map(\.indices.count) == [4, 4, 1])
    #expect(orders(of: 1, size: 4, .epochs(1), dropSingles: true).map(\.indices.count) == [1])
  }

  @Test func eachExampleHasAnAugmentationSeedOfItsOwn() {
    let epochs = orders(of: 6, size: 4, .epochs(2), isAugmented: true)
    let seeds = epochs.flatMap { $0.augmentationSeeds ?? [] }
    #expect(Set(seeds).count == 12)
    #expect(orders(of: 6, size: 4, .epochs(1)).allSatisfy { $0.augmentationSeeds == nil })
    // The seed belongs to the example, not to its position in the batch.
    let small = orders(of: 6, size: 1, .epochs(1), isAugmented: true)
    for order in small {
      let batch = epochs[..<2].first { $0.indices.contains(order.indices[order.indices.startIndex]) }
      #expect(batch?.augmentationSeeds?.contains(order.augmentationSeeds?.first ?? 0) == true)
    }
  }

  @Test func noExamplesGiveNoBatches() {
    #expect(orders(of: 0, size: 4, .steps(3)).isEmpty)
  }

  @Test func theLoaderKeepsTheOrder() throws {
    let data = SmallStudy.data(count: 23)
    let orders = BatchLoader.Order.evaluation(of: Array(0..<23), batchSize: 5)
    var inputs: [Float] = []
    try BatchLoader(source: data.source, orders: orders, depth: 2).forEach { inputs += $0.inputs }
    #expect(try inputs == data.source.batch(Array(0..<23)[...], augmentationSeeds: nil).inputs)
  }
}
