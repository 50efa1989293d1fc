import FederatedCore
import Testing

@testable import ParameterFiles

/// Parameters with the same memory share one file for as long as anybody borrows it.
struct LentFilesTests {
  private let model = NamedParts(ModelParameters(layout: fixtureLayout, values: fixtureValues))
  private var lent = LentFiles<String, Int>()

  @Test mutating func sameParametersAreWrittenOnce() {
    #expect(!lent.holds(model))
    let first = lent.lend(model, to: 1) { "a" }
    let second = lent.lend(model, to: 2) { "b" }
    #expect(first == "a" && second == "a")
    #expect(lent.holds(model))
  }

  @Test mutating func equalParametersInOtherMemoryGetAnotherFile() {
    _ = lent.lend(model, to: 1) { "a" }
    let copy = NamedParts(ModelParameters(layout: fixtureLayout, values: fixtureValues))
    #expect(!lent.holds(copy))
    #expect(lent.lend(copy, to: 1) { "b" } == "b")
  }

  @Test mutating func fileIsUnusedOnceAllLoansHaveEnded() {
    for borrower in 1...3 { _ = lent.lend(model, to: borrower) { "a" } }
    lent.takeBack { $0 < 3 }
    #expect(lent.takeUnused().isEmpty)
    lent.takeBack { $0 == 3 }
    #expect(lent.holds(model), "it stays until it is taken")
    #expect(lent.takeUnused() == ["a"])
    #expect(!lent.holds(model))
  }

  @Test mutating func fileOfTwoParametersIsUnusedOnceBothLoansHaveEnded() {
    let copy = NamedParts(ModelParameters(layout: fixtureLayout, values: fixtureValues))
    _ = lent.lend(model, to: 1) { "a" }
    _ = lent.lend(copy, to: 2) { "a" }
    lent.takeBack { $0 == 1 }
    #expect(lent.takeUnused().isEmpty)
    lent.takeBack { $0 == 2 }
    #expect(lent.takeUnused() == ["a"])
  }

  @Test mutating func failedWriteLendsNothing() {
    struct Full: Error {}
    #expect(throws: Full.self) { try lent.lend(model, to: 1) { throw Full() } }
    #expect(!lent.holds(model))
  }
}
