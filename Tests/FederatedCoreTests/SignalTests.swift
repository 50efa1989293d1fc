import FederatedCore
import Synchronization
import Testing

struct SignalTests {
  @Test func everyWaiterIsWokenByOneSend() async {
    let signal = Signal()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<500 { group.addTask { await signal.wait(after: 0) } }
      while signal.waiterCount < 500 { await Task.yield() }
      signal.send()
      await group.waitForAll()
    }
    #expect(signal.waiterCount == 0)
    #expect(signal.count == 1)
  }

  @Test func changeBeforeTheWaitIsNotMissed() async {
    let signal = Signal()
    let seen = signal.count
    signal.send()
    await signal.wait(after: seen)
    #expect(signal.count == seen + 1)
  }

  @Test func olderChangeDoesNotEndAWait() async {
    let signal = Signal()
    signal.send()
    let task = Task { await signal.wait(after: 1) }
    while signal.waiterCount == 0 { await Task.yield() }
    await signal.wait(after: 0)
    #expect(signal.waiterCount == 1)
    signal.send()
    await task.value
    #expect(signal.waiterCount == 0)
  }

  @Test func cancellationWakesItsOwnTaskOnly() async {
    let signal = Signal()
    let staying = Task { await signal.wait(after: 0) }
    let leaving = Task { await signal.wait(after: 0) }
    while signal.waiterCount < 2 { await Task.yield() }
    leaving.cancel()
    await leaving.value
    #expect(signal.waiterCount == 1)
    signal.send()
    await staying.value
  }

  @Test func cancelledTaskDoesNotWait() async {
    let signal = Signal()
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      await signal.wait(after: 0)
    }
    task.cancel()
    await task.value
    #expect(signal.waiterCount == 0)
  }

  /// Cancels tasks at random moments of their wait while others send: each wait ends, and none remains.
  @Test func waitsEndInEveryRaceOfSendAndCancel() async {
    let signal = Signal()
    await withTaskGroup(of: Void.self) { group in
      for round in 0..<2000 {
        group.addTask {
          let task = Task { await signal.wait(after: signal.count) }
          for _ in 0..<(round % 7) { await Task.yield() }
          task.cancel()
          await task.value
        }
        if round % 3 == 0 { group.addTask { signal.send() } }
      }
      await group.waitForAll()
    }
    #expect(signal.waiterCount == 0)
  }

  /// A queue of one element between two tasks loses no wake-up, however their steps interleave.
  @Test func exchangeBetweenTwoTasksLosesNoWakeUp() async {
    let signal = Signal()
    let place = Mutex<Int?>(nil)
    let count = 20_000
    let reader = Task {
      var sum = 0
      for _ in 0..<count {
        while true {
          let seen = signal.count
          let value = place.withLock { place -> Int? in
            defer { place = nil }
            return place
          }
          if let value {
            sum += value
            signal.send()
            break
          }
          await signal.wait(after: seen)
        }
      }
      return sum
    }
    for value in 0..<count {
      while true {
        let seen = signal.count
        let isFree = place.withLock { place in
          guard place == nil else { return false }
          place = value
          return true
        }
        if isFree { break }
        await signal.wait(after: seen)
      }
      signal.send()
    }
    #expect(await reader.value == count * (count - 1) / 2)
  }

  @Test func sequenceMergesConsecutiveSendsAndEndsWithItsTask() async {
    let signal = Signal()
    let sends = signal.sends
    signal.send()
    signal.send()
    var iterator = sends.makeAsyncIterator()
    #expect(await iterator.next() != nil)
    let task = Task {
      var count = 0
      for await _ in signal.sends { count += 1 }
      return count
    }
    while signal.waiterCount == 0 { await Task.yield() }
    signal.send()
    while signal.waiterCount == 0 { await Task.yield() }
    task.cancel()
    #expect(await task.value == 1)
  }

  /// An actor that stays reachable while it waits, so that other tasks can change the state for which it
  /// waits.
  @Test func actorHandlesOtherCallsWhileItWaits() async {
    actor Door {
      let changes = Signal()
      var isOpen = false
      func open() {
        isOpen = true
        changes.send()
      }
      func pass() async {
        while !isOpen { await changes.wait(after: changes.count) }
      }
    }
    let door = Door()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<100 { group.addTask { await door.pass() } }
      while door.changes.waiterCount < 100 { await Task.yield() }
      await door.open()
      await group.waitForAll()
    }
    #expect(door.changes.waiterCount == 0)
  }
}
