import FederatedCore
import Foundation
import Testing

@testable import Reporting

@Suite struct ReportPageTests {
  /// Results of every shape that a run can have.
  enum Case: String, CaseIterable, Sendable {
    case usual, classification, oneSite, thirtySites, longNames, noModels, partial, noReplicates, notFinite,
      panels, nothing, tiedValues,
      withheld

    var results: StudyResults { Self.made[self]!.results }
    var html: String { Self.made[self]!.html }

    /// Created once, since many tests use them.
    private static let made = Dictionary(
      uniqueKeysWithValues: allCases.map { kind in
        let results = kind.make()
        return (kind, (results: results, html: Report(results).html))
      })

    private func make() -> StudyResults {
      switch self {
      case .usual: return SampleResults.make()
      case .classification:
        return SampleResults.make { ($0.isClassification, $0.federated) = (true, ["fedavg", "fedprox"]) }
      case .oneSite: return SampleResults.make { $0.sites = ["DU"] }
      case .thirtySites:
        return SampleResults.make {
          ($0.sites, $0.rounds, $0.replicates) = ((1...30).map { "Site \($0)" }, 3, 20)
        }
      case .longNames:
        return SampleResults.make {
          $0.sites = [String(repeating: "Universitätsklinikum ", count: 8), "病院の名前がとても長い場合", "B"]
          $0.federated = ["cyclical-weight-transfer-with-a-very-long-name", "<fedavg & \"others\">"]
        }
      case .noModels:
        var results = SampleResults.make()
        for index in results.arms.indices { results.arms[index].models = [] }
        return results
      case .partial:
        var results = SampleResults.make()
        results.status = .partial(missing: [SiteID("CS")], reason: "no answer in round 3")
        results.sites[2].parts = []
        for arm in results.arms.indices {
          for model in results.arms[arm].models.indices {
            results.arms[arm].models[model].test.removeAll { $0.site == SiteID("CS") }
          }
        }
        results.dropped = [
          .init(site: SiteID("CS"), arm: "fedavg", round: 3, reason: "no update within 600 s")
        ]
        return results
      case .noReplicates: return SampleResults.make { $0.replicates = 0 }
      case .notFinite:
        var results = SampleResults.make()
        for arm in results.arms.indices {
          results.arms[arm].rounds[4].training[0].summary.loss = .nan
          results.arms[arm].rounds[5].training[0].summary.loss = .infinity
          results.arms[arm].seconds = .nan
          results.arms[arm].models[0].test[0].evaluation.metrics[0].value = .nan
          results.arms[arm].models[0].test[1].evaluation.metrics[0].replicates[7] = .infinity
        }
        return results
      case .withheld:
        var results = SampleResults.make()
        results.sites[1].parts.removeAll { $0.part != .training }
        for arm in results.arms.indices {
          for model in results.arms[arm].models.indices {
            results.arms[arm].models[model].test[1].evaluation.metrics = []
          }
          for round in results.arms[arm].rounds.indices {
            for site in results.arms[arm].rounds[round].training.indices
            where results.arms[arm].rounds[round].training[site].site == SiteID("HT") {
              results.arms[arm].rounds[round].training[site].summary.loss = nil
            }
          }
        }
        results.findings = [
          .init(severity: .warning, site: SiteID("HT"), element: "age", records: nil, message: "is missing")
        ]
        return results
      case .panels:
        var results = SampleResults.make()
        results.panels = [
          .init(
            site: SiteID("HT"), arm: "fedavg", png: Data([137, 80, 78, 71]),
            caption: "Patient 1 of the test part")
        ]
        return results
      case .nothing:
        var results = SampleResults.make()
        (results.arms, results.sites, results.findings, results.study.metrics) = ([], [], [], [])
        return results
      case .tiedValues:
        var results = SampleResults.make()
        for arm in results.arms.indices {
          for model in results.arms[arm].models.indices {
            for test in results.arms[arm].models[model].test.indices {
              results.arms[arm].models[model].test[test].evaluation.metrics = [
                MetricEstimate(name: "dice", value: 0, patientCount: 6, replicates: [0, 0, 0])
              ]
            }
          }
        }
        return results
      }
    }
  }

  @Test("Every page is well-formed and self-contained, and runs no scripts", arguments: Case.allCases)
  func isSelfContained(of kind: Case) throws {
    let html = kind.html
    let page = try PageInspector(html)
    for name in ["script", "link", "iframe", "object", "foreignObject"] {
      #expect(page.elements[name] == nil)
    }
    #expect(!page.attributes.keys.contains { $0.hasPrefix("on") || $0 == "href" || $0 == "xlink:href" })
    #expect((page.attributes["src"] ?? []).allSatisfy { $0.hasPrefix("data:image/png;base64,") })
    #expect(!html.contains("url(") && !html.contains("@import"))
  }

  @Test("Every figure has finite coordinates and contains its text", arguments: Case.allCases)
  func figuresAreValid(of kind: Case) throws {
    let page = try PageInspector(kind.html)
    let geometry = [
      "d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height", "viewBox", "transform",
    ]
    for name in geometry {
      for value in page.attributes[name] ?? [] {
        #expect(!value.lowercased().contains("n") || name == "transform")
      }
    }
    #expect(page.strays.isEmpty)
    #expect(!page.text.contains("nan") && !page.text.contains("inf "))
  }

  @Test("A margin that may be chance is called so", arguments: [true, false])
  func headlineStatesThatAMarginMayBeChance(isChance: Bool) throws {
    var results = SummaryTests.results(
      metric: "dice", local: [[0.5, 0.6, 0.4], [0.5, 0.5, 0.5], [0.5, 0.5, 0.3]],
      shared: ["fedavg": [0.6, 0.6, 0.4]])
    if isChance {
      for test in results.arms[1].models[0].test.indices {
        results.arms[1].models[0].test[test].evaluation.metrics[0].replicates = [0.4, 0.7]
      }
    }
    let lead = try #require(ResultMatrix(results, metric: "dice").lead(of: "fedavg")).difference
    #expect((try #require(lead.low) > 0) == !isChance)
    let text = try PageInspector(Report(results).html).text
    #expect(text.contains("this difference may be due to chance") == isChance)
  }

  @Test func headlineNamesATie() throws {
    let text = try PageInspector(Case.tiedValues.html).text
    #expect(text.contains("It is as good as the best of them"))
    #expect(!text.contains("better than the best") && !text.contains("0.0\u{A0}to\u{A0}"))
  }

  @Test("Every site is named", arguments: [Case.usual, .oneSite, .thirtySites, .partial])
  func namesSites(of kind: Case) throws {
    let results = kind.results
    let text = try PageInspector(kind.html).text
    for site in results.sites {
      #expect(text.contains(site.site.rawValue))
      if let title = site.title { #expect(text.contains(title)) }
    }
  }

  @Test func showsTheNumbers() throws {
    let results = Case.usual.results
    let page = try PageInspector(Case.usual.html)
    for name in results.study.metrics {
      let (matrix, style) = (ResultMatrix(results, metric: name), MetricStyle(name))
      for arm in results.arms {
        let mean = try #require(matrix.mean(ofArm: arm.name))
        #expect(page.text.contains(style.text(mean.value)))
        #expect(page.text.contains(style.text(try #require(mean.low))))
        for site in matrix.sites {
          let value = try #require(matrix.estimate(arm: arm.name, site: site)).value
          #expect(page.text.contains(style.text(value)))
        }
      }
    }
    for arm in results.arms { for model in arm.models { #expect(page.text.contains(model.digest)) } }
    #expect(page.text.contains(results.study.digest))
    #expect(page.text.contains(results.environment.command))
    #expect(page.text.contains("4 sites, 264 patients, 20 rounds."))
    // A forest plot, the gains, the matrix and, per site, a validation and a loss panel. Legends are
    // drawings, too.
    #expect(page.attributes["role"]?.count { $0 == "img" } == 3 + 2 * 4)
  }

  @Test func namesWhatIsMissing() throws {
    let text = try PageInspector(Case.partial.html).text
    #expect(text.contains("Partial result."))
    #expect(
      text.contains("The study requires Cedars-Sinai Medical Center, which is missing: no answer in round 3"))
    #expect(text.contains("no update within 600 s"))
    #expect(!text.contains("✓"))
  }

  @Test func namesResultsThatASiteWithholds() throws {
    let text = try PageInspector(Case.withheld.html).text
    #expect(
      text.contains(
        "No results are shown for the patients of Henry Ford Hospital: the site's policy withholds them"
      ))
    #expect(text.contains("A dash stands for a number so small that the site's policy withholds it"))
    #expect(Case.withheld.html.contains(">few<") && !Case.usual.html.contains(">few<"))
    let usual = try PageInspector(Case.usual.html).text
    #expect(!usual.contains("No results are shown for the patients of") && !usual.contains("A dash stands"))
    #expect(!Report(Case.withheld.results).roundsTable.contains("HT,training,loss"))
    #expect(Report(Case.withheld.results).roundsTable.contains("HT,training,examples"))
  }

  @Test(
    "A simulation does not claim that data stayed apart",
    arguments: [nil, RunSetting.simulation, .federation])
  func saysWhereTheDataLay(setting: RunSetting?) throws {
    var results = SampleResults.make()
    results.setting = setting
    let text = try PageInspector(Report(results).html).text
    let isFederation = setting == .federation
    #expect(text.contains("each site's data staying there") == isFederation)
    #expect(text.contains("simulated on one machine") != isFederation)
    #expect(text.contains("Simulation.") != isFederation)
    #expect(!text.contains("without moving data"))
  }

  @Test func countsOnlyParticipatingSites() throws {
    var results = SampleResults.make()
    results.sites.append(SiteSummary(site: SiteID("AB"), isRequired: false, parts: []))
    // A site that had data but never trained.
    let parts = results.sites[0].parts
    results.sites.append(SiteSummary(site: SiteID("CD"), isRequired: false, parts: parts))
    let text = try PageInspector(Report(results).html).text
    #expect(text.contains("across 4 sites,"))
    #expect(text.contains("4 sites, 264 patients, 20 rounds."))
  }

  @Test func statesThatDataAreGenerated() throws {
    var results = SampleResults.make()
    #expect(!Report(results).html.contains("Generated data."))
    results.study.isGenerated = true
    #expect(Report(results).html.contains("Generated data."))
  }

  @Test func drawsCalibrationOnlyIfPresent() throws {
    #expect(try PageInspector(Case.classification.html).text.contains("Observed frequency"))
    #expect(!(try PageInspector(Case.usual.html).text.contains("Observed frequency")))
  }

  @Test func embedsOnlyTheGivenPanels() throws {
    let page = try PageInspector(Case.panels.html)
    #expect(page.attributes["src"] == ["data:image/png;base64,iVBORw=="])
    #expect(page.text.contains("Patient 1 of the test part"))
    #expect(!(try PageInspector(Case.usual.html).text.contains("Test images with the true")))
  }

  @Test("Text from outside cannot become markup")
  func escapes() throws {
    let attack =
      "</style></title><script>alert('x')</script><img src=x onerror=\"y\">&amp;\u{0}\u{1B}\u{FFFE}"
    var results = SampleResults.make { $0.sites = [attack, "B"] }
    results.study.title = attack
    results.study.explanation = "- \(attack)\n\n\(attack)"
    results.arms[2].summary = attack
    results.environment.command = attack
    results.findings[0].message = attack
    results.dropped = [.init(site: SiteID(attack), arm: attack, reason: attack)]
    results.panels = [.init(site: SiteID(attack), arm: attack, png: Data(), caption: attack)]
    results.status = .partial(missing: [SiteID(attack)], reason: attack)
    let page = try PageInspector(Report(results).html)
    #expect(page.elements["script"] == nil)
    #expect(page.elements["img"] == 1)
    #expect(page.elements["title"] == 1)
    #expect(page.text.contains("<script>alert('x')</script>"))
  }

  @Test func resultsComeBeforeTheProtocol() throws {
    let html = Case.usual.html
    let question = try #require(html.range(of: "Can one model outline the FLAIR abnormality"))
    let results = try #require(html.range(of: "id=\"results\""))
    let plan = try #require(html.range(of: "id=\"question\""))
    #expect(question.upperBound < results.lowerBound && results.upperBound < plan.lowerBound)
  }

  /// Browsers print a closed element closed, so the list is repeated for paper.
  @Test func longListsAreCollapsedOnScreenOnly() throws {
    let list = (1...39).map { "- element-\($0): a number" }.joined(separator: "\n")
    var results = SampleResults.make()
    results.study.explanation = "What?\n\nThe elements.\n\n\(list)"
    let html = Report(results).html
    #expect(html.contains("<summary>All 39</summary>"))
    let screen = try #require(html.range(of: "<details class=\"screen\">"))
    let paper = try #require(html.range(of: "<div class=\"paper\">"))
    #expect(
      screen.lowerBound < paper.lowerBound && html[paper.lowerBound...].contains("element-39: a number"))
    #expect(html.contains(".screen { display: none; }") && html.contains(".paper { display: block; }"))
    _ = try PageInspector(html)
    results.study.explanation = "What?\n\n- one\n- two"
    #expect(!Report(results).html.contains("<details"))
  }

  @Test func heatMapNamesSitesByTitle() throws {
    let figure = try #require(ReportPage(Case.usual.results).matrixFigure).file
    #expect(figure.contains("Local: Duke University Medical Center"))
    #expect(figure.contains(">Henry Ford Hospital<") && !figure.contains(">HT<"))
  }
}
