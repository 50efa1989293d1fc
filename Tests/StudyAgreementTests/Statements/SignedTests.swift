import Credentials
import FederatedCore
import Foundation
import StudyAgreement
import Testing

@Suite struct SignedTests {
  private let consortium: Consortium

  init() throws { consortium = try Consortium() }

  private let statement = ContributionStatement(
    study: "ab", arm: "fedavg", round: 2, stage: 0, site: SiteID("A"), base: "b", update: "u", weight: 120.5,
    examples: 120)

  /// The signed bytes are fixed: other programs verify them too.
  @Test func canonicalBytesAreFixed() throws {
    #expect(
      try String(decoding: statement.canonicalBytes(), as: UTF8.self) == """
        consilium-contribution-2
        {"arm":"fedavg","base":"b","examples":120,"round":2,"site":"A","stage":0,"study":"ab","update":"u","weight":"120.5"}
        """)
    #expect(try statement.digest() == "8b29fc9bfb3ad0bf86d1deb7efd7fde4d022e489dce9ac62451a0c7f8aaeafb4")
  }

  @Test func aSignatureSurvivesJSON() throws {
    let site = try #require(consortium.sites[SiteID("A")])
    let signed = try consortium.signed(statement, by: site)
    let json = try JSONEncoder().encode(signed)
    let back = try JSONDecoder().decode(Signed<ContributionStatement>.self, from: json)
    #expect(back == signed)
    try back.verify(by: consortium.authority, from: Party(role: .site, name: "A"), at: now)
    #expect(try back.verify(by: consortium.authority, role: .site, at: now) == site.party)
  }

  @Test func detectsEachChangeOfTheStatement() throws {
    let signed = try consortium.signed(statement, by: try #require(consortium.sites[SiteID("A")]))
    let changes: [(inout ContributionStatement) -> Void] = [
      { $0.study = "ac" }, { $0.arm = "median" }, { $0.round = 3 }, { $0.stage = 1 },
      { $0.site = SiteID("B") },
      { $0.base = "c" }, { $0.update = "v" }, { $0.weight = 120.50000000000001 }, { $0.examples = 121 },
    ]
    for change in changes {
      var forged = signed
      change(&forged.statement)
      #expect(forged.statement != signed.statement)
      #expect(throws: ConsiliumError.self) {
        try forged.verify(by: consortium.authority, role: .site, at: now)
      }
    }
  }

  @Test func rejectsAnotherPartyOrRole() throws {
    let signed = try consortium.signed(statement, by: consortium.coordinator)
    let party = #expect(throws: ConsiliumError.self) {
      try signed.verify(by: consortium.authority, from: Party(role: .site, name: "A"), at: now)
    }
    #expect(party?.message == "it was signed by coordinator/hub; expected site/A")
    let role = #expect(throws: ConsiliumError.self) {
      try signed.verify(by: consortium.authority, role: .site, at: now)
    }
    #expect(role?.message == "it was signed by coordinator/hub; expected a site")
  }

  @Test func rejectsAnotherAuthority() throws {
    let signed = try consortium.signed(statement, by: try #require(consortium.sites[SiteID("A")]))
    #expect(throws: ConsiliumError.self) {
      try signed.verify(by: Consortium().authority, role: .site, at: now)
    }
  }
}
