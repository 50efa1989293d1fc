import FederatedAlgorithms
import FederatedCore
import FederatedTesting
import Testing

struct TopologyLawTests {
  @Test(arguments: [Star(), Ring(), Ring(order: .rotated)] as [any Topology])
  func everyTopologyObeysTheLaws(_ topology: any Topology) throws { try TopologyLaws(topology).check() }

  @Test func aRotatedRingBeginsOneSiteLaterEachRound() {
    let sites = ["a", "b", "c"].map { SiteID($0) }
    let orders = (1...4).map { round in
      Ring(order: .rotated).plan(round: round, participants: sites).stages.flatMap(\.members).map(\.rawValue)
        .joined()
    }
    #expect(orders == ["abc", "bca", "cab", "abc"])
  }
}
