import FederatedCore
import Foundation
import Reporting
import Testing

@testable import Dashboard

@Suite struct HostileNameTests {
  static let hostile = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)",
    "</title><svg onload=alert(1)>",
    "&lt;b&gt;", "a/../../b?c#d%00%2e", "\u{0}\u{8}\u{202E}\u{FFFF}", "]]>", "javascript:alert(1)",
  ]

  @Test("Names are shown literally, whatever they contain", arguments: hostile)
  func escaped(text: String) async throws {
    let source = Self.source(text)
    try await TestBoard(source).test { browser in
      let cookie = browser.board.cookie(.operator, name: text)
      for address in [
        Address.overview, Address.study(text), Address.manifests(text),
        Address.statistics(text),
        Address.manifest(text, round: 1, arm: text),
        Address.audit, Address.audit(of: text), Address.study("no" + text),
        "/sign-in?next=" + Address.encoded(text),
      ] {
        let response = try await browser.get(address, cookie: address.hasPrefix("/sign-in") ? nil : cookie)
        let body = String(buffer: response.body)
        let page = try PageInspector(body)
        #expect(response.status == (address.contains("/no") ? .notFound : .ok), "\(address)")
        #expect(page.all("img").isEmpty)
        #expect(page.all("script").allSatisfy { $0.text.isEmpty })
        #expect(page.all("script").count <= 1)
        for element in page.elements {
          #expect(!element.attributes.keys.contains { $0.hasPrefix("on") })
          if let href = element.attributes["href"] {
            #expect(href.hasPrefix("/") || href == "#main", "\(href)")
          }
        }
        if address == Address.overview, !text.contains("\u{0}") {
          #expect(page.text.contains("title " + text))
        }
      }
    }
  }

  private static func statistics(_ text: String) -> StudyStatistics {
    var statistics = Sample.statistics
    statistics.title = text
    statistics.items = [Sample.number(text, unit: text), Sample.classes(text, labels: [text, text])]
    for index in statistics.sites.indices {
      statistics.sites[index].title = text
      statistics.sites[index].note = index == 2 ? text : nil
    }
    return statistics
  }

  private static func source(_ text: String) -> SampleSource {
    SampleSource { state in
      let site = SiteID(text)
      let line = StudyLine(
        id: text, title: "title " + text, state: .running, round: 1, rounds: 2, expectedEnd: Sample.now,
        note: text)
      state.overview.consortium = text
      state.overview.studies = [line]
      state.overview.sites = [SiteLine(site: site, title: text, link: .away, version: text, clockSkew: 100)]
      state.studies = [
        text: StudyPage(
          line: line, version: text, digest: text, explanation: text,
          agreement: [
            AgreementLine(
              site: site, title: text, isRequired: true, decision: .declined, signer: text, reason: text)
          ],
          readiness: [ReadinessLine(site: site, title: text, checks: [.init(text, .bad, text)])],
          live: [
            LiveRound(
              arm: text, round: 2, rounds: 2, startedAt: Sample.now,
              sites: [
                .init(
                  site: site, title: text, stage: .dropped, step: 1, stepCount: 2, loss: .nan, note: text)
              ])
          ],
          curves: [
            ArmCurves(
              arm: text, metric: text, bestRound: 1,
              sites: [
                .init(
                  site: site, validation: [.init(round: 1, value: 0.5), .init(round: 2, value: .infinity)],
                  loss: [.init(round: 1, value: .nan)])
              ])
          ],
          manifests: [
            ManifestRecord(
              arm: text, round: 1, time: Sample.now, seconds: .infinity,
              contributors: [.init(site: site, samples: 1, updateDigest: text, hasSigned: false)],
              dropped: [.init(site: site, reason: text)], modelDigest: text)
          ],
          results: [
            ResultsTable(
              metric: text, sites: [site], rows: [.init(model: text, trainedAt: site, values: [.nan])])
          ],
          statistics: Self.statistics(text))
      ]
      state.audit = [
        AuditLine(
          number: 1, time: Sample.now, actor: text, event: text, study: text, detail: text, digest: text)
      ]
    }
  }
}
