import FederatedCore
import Foundation
import Testing

@testable import Dashboard

@Suite struct TextTests {
  @Test(
    arguments: [
      (0, "now"), (-4, "now"), (-45, "45 s ago"), (45, "in 45 s"), (-190, "3 min ago"), (5400, "in 2 h"),
      (-259_200, "3 days ago"), (138_240, "in 2 days"), (129_600, "in 2 days"),
    ] as [(Double, String)])
  func distances(seconds: Double, text: String) {
    #expect(TimeText.distance(to: Sample.now + seconds, from: Sample.now) == text)
  }

  @Test func timesAreInUTC() {
    #expect(TimeText.text(Sample.now) == "2 Mar 2026, 14:07")
    #expect(TimeText.day(Date(timeIntervalSince1970: 0)) == "1 Jan 1970")
    let markup = TimeText.markup(Sample.now).source
    #expect(markup.contains("datetime=\"2026-03-02T14:07:31Z\"") && markup.contains("data-clock"))
    #expect(markup.contains("2 Mar 2026, 14:07 UTC"))
    #expect(!TimeText.markup(Sample.now, onlyDay: true).source.contains("data-clock"))
  }

  @Test(arguments: [Double.nan, .infinity, -1]) func impossibleDurationsAreADash(seconds: Double) {
    #expect(TimeText.rough(seconds) == "–")
  }

  @Test(arguments: ["/studies/a", "/", "/audit?study=a&limit=2"]) func acceptsOwnPaths(text: String) {
    #expect(Address.ownPath(text) == text)
  }

  @Test(arguments: [
    "//evil.example", "https://evil.example", "/\\evil.example", "/a b", "/a\r\nSet-Cookie: x", "", "/ü",
  ])
  func rejectsForeignPaths(text: String) { #expect(Address.ownPath(text) == nil) }

  @Test func healthyConsortiumNeedsNoAttention() {
    var overview = Sample.overview
    for index in overview.studies.indices { overview.studies[index].late = [] }
    overview.sites = [
      SiteLine(
        site: SiteID("DU"), link: .connected, certificateExpires: Sample.now + 86400 * 60, clockSkew: 1)
    ]
    #expect(
      Attention(overview).notes == [
        "Seven kinds of skin lesion on dermatoscopy: incomplete. HT, which the study requires, left in round 22."
      ])
    overview.studies.removeAll { $0.state == .partial }
    #expect(Attention(overview).notes.isEmpty)
    overview.sites[0].certificateExpires = Sample.now - 1
    #expect(
      Attention(overview).notes == [
        "DU: its certificate has expired. The site must renew it before it can connect."
      ])
    overview.sites[0].link = .revoked
    #expect(Attention(overview).notes.isEmpty)
  }

  @Test func manySitesGetOnePanelEach() {
    var curves = Sample.curves
    let site = curves.sites[0]
    curves.sites = (1...20).map {
      ArmCurves.Site(site: SiteID("S\($0)"), validation: site.validation, loss: site.loss)
    }
    let drawn = CurveFigures(curves).markup.source.components(separatedBy: "role=\"img\"").count - 1
    #expect(drawn == 20)
  }

  @Test func curvesSayThatTheStudyDoesNotValidate() {
    var curves = Sample.curves
    curves.isValidated = false
    for index in curves.sites.indices { curves.sites[index].validation = [] }
    let text = "The study does not validate the models of the rounds."
    #expect(CurveFigures(curves).markup.source.contains(text))
    let site = curves.sites[0]
    curves.sites = (1...20).map {
      ArmCurves.Site(site: SiteID("S\($0)"), validation: [], loss: site.loss)
    }
    let many = CurveFigures(curves).markup.source
    #expect(many.contains(text))
    #expect(many.components(separatedBy: "role=\"img\"").count - 1 == 20)
    curves.isValidated = true
    #expect(!CurveFigures(curves).markup.source.contains(text))
  }
}
