import FederatedCore
import Foundation
import Synchronization

/// Prepares batches ahead of the trainer, on a separate thread, so that the trainer does not wait for data.
///
/// The order of the batches and every random change depend only on the seeds, not on the threads.
struct BatchLoader: Sendable {
  /// One batch to prepare: its examples, and the seeds of their augmentation.
  struct Order: Sendable {
    var indices: ArraySlice<Int>
    var augmentationSeeds: [UInt64]?
  }

  private let source: any ExampleSource
  private let orders: [Order]
  private let depth: Int

  /// - Parameter depth: the number of batches that may wait for the trainer.
  init(source: any ExampleSource, orders: [Order], depth: Int = 3) {
    self.source = source
    self.orders = orders
    self.depth = depth
  }

  /// Calls `body` with each batch in order.
  ///
  /// - Throws: the first error of the source or of `body`; no further batches are then prepared.
  func forEach(_ body: (Batch) throws -> Void) throws {
    let queue = BatchQueue(depth: depth)
    defer { queue.cancel() }
    let (source, orders) = (source, orders)
    Thread.detachNewThread {
      for order in orders {
        guard queue.waitForSpace() else { return }
        queue.append(Result { try source.batch(order.indices, augmentationSeeds: order.augmentationSeeds) })
      }
    }
    for _ in orders { try body(try queue.next()) }
  }
}

/// A bounded queue between the thread that prepares batches and the thread that trains on them.
///
/// Either thread may be the last to release the queue, and the queue may then be in any state. A dispatch
/// semaphore crashes the process if it is freed while below its initial value, so both semaphores start at 0.
private final class BatchQueue: Sendable {
  private struct State {
    var ready: [Result<Batch, any Error>] = []
    var isCancelled = false
  }

  private let state = Mutex(State())
  private let filled = DispatchSemaphore(value: 0)
  private let space = DispatchSemaphore(value: 0)

  /// - Parameter depth: the number of prepared batches that may wait in the queue.
  init(depth: Int) { for _ in 0..<depth { space.signal() } }

  /// Waits until another batch may be added.
  ///
  /// - Returns: `false` if no more batches are wanted.
  func waitForSpace() -> Bool {
    space.wait()
    return state.withLock { !$0.isCancelled }
  }

  func append(_ batch: Result<Batch, any Error>) {
    state.withLock { $0.ready.append(batch) }
    filled.signal()
  }

  func next() throws -> Batch {
    filled.wait()
    let batch = state.withLock { $0.ready.removeFirst() }
    space.signal()
    return try batch.get()
  }

  /// Ends the producing thread after its current batch.
  func cancel() {
    state.withLock { $0.isCancelled = true }
    space.signal()
  }
}

extension BatchLoader.Order {
  /// The batches of one round of training: shuffled passes over the examples. Each image is augmented with
  /// its own seed.
  ///
  /// - Parameters:
  ///   - seed: the site's seed for the round.
  ///   - dropSingles: whether to leave out a final batch of one example: batch normalisation cannot train on
  ///     it.
  static func training(
    exampleCount: Int, batchSize: Int, amount: TrainingInstruction.Amount, seed: UInt64, isAugmented: Bool,
    dropSingles: Bool
  ) -> [Self] {
    func epoch(_ number: Int) -> [Self] {
      var generator = RandomStream(
        seed: RandomStream.seed(study: seed, purpose: .shuffle, item: number))
      let order = Array(0..<exampleCount).shuffled(using: &generator)
      return stride(from: 0, to: exampleCount, by: batchSize).compactMap { start in
        let indices = order[start..<min(start + batchSize, exampleCount)]
        if dropSingles && indices.count == 1 && batchSize > 1 && exampleCount > 1 { return nil }
        let seeds = indices.map {
          RandomStream.seed(study: seed, purpose: .augmentation, round: number, item: $0)
        }
        return Self(indices: indices, augmentationSeeds: isAugmented ? seeds : nil)
      }
    }
    guard exampleCount > 0 else { return [] }
    switch amount {
    case .epochs(let count): return (0..<count).flatMap(epoch)
    case .steps, .fraction:
      let count = amount.steps(examples: exampleCount, batchSize: batchSize)
      var orders: [Self] = []
      var number = 0
      while orders.count < count {
        orders += epoch(number)
        number += 1
      }
      return Array(orders.prefix(count))
    }
  }

  /// The batches of an evaluation: all examples in order and without augmentation.
  static func evaluation(of indices: [Int], batchSize: Int) -> [Self] {
    stride(from: 0, to: indices.count, by: batchSize).map { start in
      Self(indices: indices[start..<min(start + batchSize, indices.count)])
    }
  }
}
