import Testing

@testable import SiteTraining

@Suite struct BatchLoaderTests {
  private struct Failure: Error, Equatable { let number: Int }

  /// Makes a batch from the index alone; one index fails.
  private struct Source: ExampleSource {
    var failing: Int?
    let exampleCount = 40
    let exampleShape = [1]

    func batch(_ indices: ArraySlice<Int>, augmentationSeeds: [UInt64]?) throws -> Batch {
      if indices.first == failing { throw Failure(number: indices.first ?? -1) }
      return Batch(inputs: indices.map(Float.init), shape: [indices.count, 1], target: .classes([]))
    }

    func grid(of record: Range<Int>) -> VoxelGrid { VoxelGrid(shape: [1], spacing: [1]) }
    func classCounts(of indices: [Int], classCount: Int) -> [Int] { [] }
  }

  private static let orders = BatchLoader.Order.evaluation(of: Array(0..<40), batchSize: 1)

  @Test func batchesComeInOrder() throws {
    var seen: [Float] = []
    try BatchLoader(source: Source(), orders: Self.orders).forEach { seen += $0.inputs }
    #expect(seen == (0..<40).map(Float.init))
  }

  @Test(arguments: [0, 1, 7, 39]) func errorOfTheBodyIsThrownWhileBatchesWait(number: Int) {
    for depth in 1...4 {
      #expect(throws: Failure(number: number)) {
        try BatchLoader(source: Source(), orders: Self.orders, depth: depth).forEach { batch in
          if batch.inputs == [Float(number)] { throw Failure(number: number) }
        }
      }
    }
  }

  @Test(arguments: [0, 1, 7, 39]) func errorOfTheSourceIsThrownAtItsBatch(number: Int) {
    var seen = 0
    #expect(throws: Failure(number: number)) {
      try BatchLoader(source: Source(failing: number), orders: Self.orders).forEach { _ in seen += 1 }
    }
    #expect(seen == number)
  }
}
