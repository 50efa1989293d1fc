import FederatedCore
import Foundation
import Testing

@testable import CoordinatorService

@Suite struct SitePatienceTests {
  private let sites = ["north", "south", "west"].map { SiteID($0) }

  private func patience(required: Int, forecast: [SiteForecast] = []) -> SitePatience {
    SitePatience(
      required: Set(sites.prefix(required)), patience: .seconds(900), absence: .seconds(172_800),
      forecast: forecast)
  }

  private var forecast: [SiteForecast] {
    // Rounds of 12, 22 and 52 s.
    [1.0, 2.0, 5.0].enumerated().map { index, step in
      SiteForecast(site: sites[index], transfer: 2, step: step, steps: 10, modelBytes: nil)
    }
  }

  @Test func onlyOptionalSitesHaveADeadline() {
    #expect(patience(required: 3).deadline(of: "fedavg", members: sites) == nil)
    #expect(patience(required: 2).deadline(of: "fedavg", members: sites) == .seconds(900))
    #expect(patience(required: 2).deadline(of: "local-north", members: [sites[0]]) == nil)
  }

  @Test func sharedRoundsWaitSeveralForecastsAndSoloWorkWaitsLonger() {
    let patience = patience(required: 2, forecast: forecast)
    #expect(patience.deadline(of: "fedavg", members: sites) == .seconds(4 * 52 + 900))
    for arm in ["rehearsal", "tests"] {
      #expect(patience.deadline(of: arm, members: sites) == .seconds(172_800))
    }
    #expect(patience.deadline(of: "local-west", members: [sites[2]]) == .seconds(172_800))
  }

  @Test func siteIsLateAfterTwiceItsForecastAndBeforeItIsDropped() {
    let patience = patience(required: 2, forecast: forecast)
    #expect(patience.allowance(for: sites[0], arms: 1, deadline: nil) == 2 * 12 + 20)
    #expect(patience.allowance(for: sites[2], arms: 2, deadline: nil) == 2 * 52 * 2 + 20)
    #expect(patience.allowance(for: sites[2], arms: 1, deadline: .seconds(30)) == 15)
  }
}
