import FederatedCore
import FederatedRuntime
import Testing

struct MergerOrderTests {
  private let members = ["CS", "DU", "FG", "HT"].map { SiteID($0) }

  /// Computed with Python's hashlib: members sorted by the SHA-256 of the five lines.
  @Test func isThatOfTheReference() {
    let order = MergerOrder(
      study: "2df4fbebef18630ebe580871a223281519fa91dd9763cae3deeabbb9440afd80", arm: "swarm",
      mergers: members)
    let expected = [
      ["FG", "DU", "HT", "CS"], ["CS", "DU", "FG", "HT"], ["DU", "FG", "HT", "CS"], ["HT", "FG", "DU", "CS"],
      ["DU", "HT", "CS", "FG"], ["CS", "HT", "FG", "DU"], ["CS", "DU", "FG", "HT"], ["FG", "HT", "CS", "DU"],
    ]
    #expect((1...8).map { order.order(ofRound: $0).map(\.rawValue) } == expected)
  }

  @Test func doesNotDependOnTheOrderOfTheNames() {
    let order = MergerOrder(study: "s", arm: "a", mergers: members)
    let reversed = MergerOrder(study: "s", arm: "a", mergers: members.reversed())
    for round in 1...20 { #expect(order.order(ofRound: round) == reversed.order(ofRound: round)) }
  }

  /// In 400 rounds, each of four members comes first 100 times on average, with a standard deviation of 8.7.
  @Test func allMergeAboutEquallyOften() {
    let order = MergerOrder(study: "s", arm: "a", mergers: members)
    let first = (1...400).compactMap { order.order(ofRound: $0).first }
    for member in members { #expect((65...135).contains(first.count { $0 == member }), "\(member)") }
  }
}
