import FederatedAlgorithms
import FederatedCore
import FederatedTesting
import Testing

struct TopologyLawTests {
  private let letters = ["a", "b", "c", "d", "e"].map { SiteID($0) }

  @Test(
    arguments: [Star(), Ring(), Ring(order: .rotated), Ring(order: .random(seed: 3))] as [any Topology])
  func everyTopologyObeysTheLaws(_ topology: any Topology) throws {
    try TopologyLaws(topology).check()
    let sites = (0..<7).map { SiteID("site-\($0)") }
    try TopologyLaws(AgreedTopology(topology, sites: sites)).check()
  }

  /// The law of client sampling: within as many rounds as it takes to draw all sites, everyone trains.
  @Test(arguments: [1, 2, 3, 5, 9]) func everyoneTrainsWhoeverIsDrawn(count: Int) throws {
    try TopologyLaws(SampledStar(seed: 5) { _ in count }) { ($0 + min(count, $0) - 1) / min(count, $0) }
      .check()
  }

  /// A law that could not fail would not show anything.
  @Test func samplingBreaksTheLawOfStars() {
    #expect(throws: LawBroken.self) { try TopologyLaws(SampledStar(seed: 5) { _ in 2 }).check() }
  }

  @Test func aRotatedRingBeginsOneSiteLaterEachRound() {
    let sites = ["a", "b", "c"].map { SiteID($0) }
    let orders = (1...4).map { round in
      Ring(order: .rotated).plan(round: round, participants: sites).stages.flatMap(\.members).map(\.rawValue)
        .joined()
    }
    #expect(orders == ["abc", "bca", "cab", "abc"])
  }

  /// The expected orders were computed in Python from the definition of the seeds.
  @Test func ordersOfARandomRingFollowFromTheSeed() {
    let sites = ["CS", "DU", "FG", "HT"].map { SiteID($0) }
    let ring = Ring(order: .random(seed: 7))
    let orders = (1...5).map { ring.plan(round: $0, participants: sites).members.map(\.rawValue) }
    #expect(
      orders == [
        ["FG", "DU", "CS", "HT"], ["DU", "HT", "FG", "CS"], ["FG", "DU", "CS", "HT"],
        ["HT", "FG", "DU", "CS"], ["CS", "FG", "DU", "HT"],
      ])
  }

  /// In 6,000 cycles each of the six orders of three sites is drawn about 1,000 times; five standard
  /// deviations are 145.
  @Test func ordersOfARandomRingAreEquallyFrequent() {
    let ring = Ring(order: .random(seed: 11))
    let orders = (1...6000).map { ring.plan(round: $0, participants: Array(letters.prefix(3))).members }
    let counts = Dictionary(grouping: orders) { $0 }.mapValues(\.count)
    #expect(counts.count == 6)
    #expect(counts.values.allSatisfy { abs($0 - 1000) < 145 }, "\(counts.values)")
  }

  /// The expected draws were computed in Python from the definition of the seeds. Two of five sites are
  /// drawn; in every third round, one of them takes part for the second time.
  @Test func drawnSitesFollowFromTheSeed() {
    let star = SampledStar(seed: 7) { _ in 2 }
    let drawn = (1...9).map { star.plan(round: $0, participants: letters).members.map(\.rawValue).joined() }
    #expect(drawn == ["ab", "cd", "ae", "ab", "cd", "ae", "cd", "ab", "ce"])
  }

  @Test func allSitesAreDrawnIfThereAreNoMore() {
    let star = SampledStar(seed: 7) { _ in 9 }
    #expect(star.plan(round: 4, participants: letters) == Star().plan(round: 4, participants: letters))
  }

  /// Whoever is absent, the others keep their places.
  @Test(
    arguments: [
      Ring(), Ring(order: .rotated), Ring(order: .random(seed: 3)), SampledStar(seed: 3) { _ in 2 },
    ] as [any Topology])
  func absentSitesChangeNothingForTheOthers(_ base: any Topology) {
    let topology = AgreedTopology(base, sites: letters)
    let present = letters.filter { $0.rawValue != "c" }
    for round in 1...12 {
      let whole = topology.plan(round: round, participants: letters).members
      #expect(whole == base.plan(round: round, participants: letters).members)
      let members = topology.plan(round: round, participants: present).members
      #expect(members == whole.filter { $0.rawValue != "c" })
    }
  }
}
