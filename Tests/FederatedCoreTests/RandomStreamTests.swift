import FederatedCore
import Testing

struct RandomStreamTests {
  /// The published sequence of SplitMix64 from seed 1234567.
  @Test func streamEqualsPublishedSplitMix64Sequence() {
    var stream = RandomStream(seed: 1_234_567)
    #expect(
      (0..<5).map { _ in stream.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
      ])
  }

  @Test func seedsDifferByEveryPart() {
    let site = SiteID("a")
    let seeds = [
      RandomStream.seed(study: 1, purpose: .training),
      RandomStream.seed(study: 2, purpose: .training),
      RandomStream.seed(study: 1, purpose: .split),
      RandomStream.seed(study: 1, purpose: .training, site: site),
      RandomStream.seed(study: 1, purpose: .training, site: site, round: 1),
      RandomStream.seed(study: 1, purpose: .training, site: site, round: 1, item: 1),
      RandomStream.seed(study: 1, purpose: .training, round: 1),
      RandomStream.seed(study: 1, purpose: .training, item: 1),
    ]
    #expect(Set(seeds).count == seeds.count)
  }

  @Test func unitNumbersStayBelowOne() {
    var stream = RandomStream(seed: 3)
    let numbers = (0..<10_000).map { _ in stream.nextUnit() }
    #expect(numbers.allSatisfy { (0..<1).contains($0) })
    #expect(abs(numbers.reduce(0, +) / 10_000 - 0.5) < 0.02)
  }
}
