import Testing

@testable import Dashboard

@Suite struct PageTests {
  static let addresses = [
    "/", "/studies/lgg-brain-mri", "/studies/lgg-grade", "/studies/lgg-brain-mri/manifests",
    "/studies/lgg-brain-mri/manifests/9", "/studies/lgg-brain-mri/manifests/12?arm=fedavg", "/audit",
    "/history", "/studies/heart-failure", "/studies/heart-failure/statistics",
    "/audit?study=lgg-grade&limit=5", "/nowhere", "/studies/nothing",
  ]

  @Test(
    "Every page is accessible by keyboard and screen reader, and has no inline styles or scripts",
    arguments: addresses)
  func structure(address: String) async throws {
    try await TestBoard().test { browser in
      let page = try PageInspector(await browser.page(address))
      #expect(page.all("html").first?.attributes["lang"] == "en")
      #expect(page.all("h1").count == 1)
      #expect(page.all("main").count == 1)
      #expect(page.all("title").first?.text.hasSuffix(" – Consilium") == true)
      let first = try #require(page.all("a").first)
      #expect(first.attributes["href"] == "#main")
      let ids = page.elements.compactMap { $0.attributes["id"] }
      #expect(Set(ids).count == ids.count)
      #expect(ids.contains("main"))
      for table in page.all("table") { #expect(table.children.first == "caption") }
      for head in page.all("th") { #expect(["row", "col"].contains(head.attributes["scope"])) }
      for element in page.elements {
        #expect(element.attributes["style"] == nil)
        #expect(!element.attributes.keys.contains { $0.hasPrefix("on") })
        if let label = element.attributes["aria-labelledby"] { #expect(ids.contains(label)) }
      }
      #expect(page.all("style").isEmpty)
      #expect(
        page.all("script").allSatisfy {
          $0.text.isEmpty && $0.attributes["src"]?.hasPrefix("/assets/") == true
        })
      let labelled = page.all("label").compactMap { $0.attributes["for"] }
      for field in page.all("input") + page.all("textarea") where field.attributes["type"] != "hidden" {
        #expect(labelled.contains(field.attributes["id"] ?? ""))
      }
      // A comparison changes nothing, so its form needs no token.
      for form in page.all("form") where form.attributes["action"] != "/compare" {
        #expect(form.attributes["method"] == "post")
      }
    }
  }

  @Test func overviewShowsStudiesSitesAndMattersNeedingAttention() async throws {
    try await TestBoard().test { browser in
      let page = try PageInspector(await browser.page("/"))
      for text in [
        "Glioma imaging consortium", "1 study in progress; 3 of 4 sites connected",
        "Outlining low-grade glioma on brain MRI",
        "12 of 40", "HT, which the study requires, left in round 22.", "3 min ago", "11 Mar 2026",
        "Case Western: away while a study runs, last seen 3 min ago.",
        "Case Western, St. Joseph’s: its certificate expires in 9 days.",
        "Thomas Jefferson University: its clock is 94 s ahead.".replacing("94 s", with: "2 min"),
      ] {
        #expect(page.text.contains(text), "\(text)")
      }
    }
  }

  @Test func studyPageShowsAgreementAndResults() async throws {
    try await TestBoard().test { browser in
      let page = try PageInspector(await browser.page("/studies/lgg-brain-mri"))
      for text in [
        "Round 13 of 40 of FedAvg", "61 of 93", "0.203", "8 min", "not connected since 14:04", "version 1.2",
        Sample.digest(1), "Thomas Jefferson University", "9 GB free", "94 s ahead", "What leaves a site:",
        "All 12 rounds",
        "Round 3", "in 12 h",
      ] {
        #expect(page.text.contains(text), "\(text)")
      }
      // Two panels of curves, and the matrix; the samples in the legend are not counted.
      #expect(page.all("svg").filter { $0.attributes["role"] == "img" }.count == 3)
      #expect(page.all("progress").allSatisfy { $0.attributes["aria-label"] != nil })
    }
  }

  @Test func studyPageNamesLateSitesWithTheirTimes() async throws {
    try await TestBoard().test { browser in
      let page = try PageInspector(await browser.page("/studies/lgg-brain-mri"))
      let sentence =
        " is late with training round 13 of FedAvg: asked 2 Mar 2026, 13:56 UTC (11 min ago), late since 14:06 UTC, "
        + "and not connected. It will be dropped at 14:32 UTC (in 25 min), unless it answers."
      #expect(page.text.contains("Case Western" + sentence))
      #expect(page.text.contains("indefinitely (required)"))
      let overview = try PageInspector(await browser.page("/"))
      #expect(overview.text.contains("Outlining low-grade glioma on brain MRI: Case Western" + sentence))
    }
  }

  @Test func historyListsEndedStudies() async throws {
    try await TestBoard().test { browser in
      let page = try PageInspector(await browser.page("/history"))
      for text in [
        "Survival with heart failure", "Anna Müller", "1 Feb 2026, 14:07 UTC", "60 of 60 rounds",
        "Incomplete",
      ] {
        #expect(page.text.contains(text), "\(text)")
      }
      #expect(!page.text.contains("Outlining low-grade glioma"))
      #expect(page.all("input").filter { $0.attributes["type"] == "checkbox" }.count == 2)
    }
  }

  @Test func proposedStudyShowsWhichSiteDeclinedAndWhy() async throws {
    try await TestBoard().test { browser in
      let page = try PageInspector(await browser.page("/studies/lgg-grade"))
      #expect(page.text.contains("Our ethics board wants to see the list of sequences first."))
      #expect(
        page.text.contains("Declined") && page.text.contains("Not yet") && page.text.contains("optional"))
      #expect(page.all("svg").isEmpty)
    }
  }

  @Test func manifestPageShowsContributionsAndDroppedSites() async throws {
    try await TestBoard().test { browser in
      let page = try PageInspector(await browser.page("/studies/lgg-brain-mri/manifests/9"))
      #expect(page.text.contains("no update before the deadline of 45 min"))
      #expect(page.text.contains(Sample.digest(9)) && page.text.contains(Sample.digest(91)))
      let links = page.all("a").compactMap { $0.attributes["href"] }
      #expect(links.contains("/studies/lgg-brain-mri/manifests/8?arm=fedavg"))
      #expect(links.contains("/studies/lgg-brain-mri/manifests/10?arm=fedavg"))
    }
  }

  @Test(arguments: ["13", "0", "-1", "x", "12?arm=cyclic", "99999999999999999999"])
  func unknownRoundIsNotFound(round: String) async throws {
    try await TestBoard().test { browser in
      let response = try await browser.get(
        "/studies/lgg-brain-mri/manifests/\(round)", cookie: browser.board.cookie())
      #expect(response.status == .notFound)
    }
  }

  @Test func unknownStudyIsNotFoundByName() async throws {
    try await TestBoard().test { browser in
      for address in ["/studies/lgg", "/studies/lgg/manifests", "/studies/lgg/manifests/1"] {
        let response = try await browser.get(address, cookie: browser.board.cookie())
        #expect(response.status == .notFound)
        #expect(String(buffer: response.body).contains("The coordinator has no study “lgg”."))
      }
    }
  }

  @Test func auditPageShowsOneStudyOrAll() async throws {
    try await TestBoard().test { browser in
      let all = try PageInspector(await browser.page("/audit"))
      #expect(all.all("tr").count == 1 + Sample.audit.count)
      let one = try PageInspector(await browser.page("/audit?study=lgg-grade"))
      #expect(one.all("tr").count == 2)
      #expect(try PageInspector(await browser.page("/audit?limit=3")).all("tr").count == 4)
      #expect(try PageInspector(await browser.page("/audit?limit=-3")).all("tr").count == 2)
    }
  }

  @Test func emptyConsortiumShowsWhatToDo() async throws {
    let source = SampleSource { state in
      (state.overview.studies, state.overview.sites, state.audit) = ([], [], [])
    }
    try await TestBoard(source).test { browser in
      let overview = try await browser.page("/")
      #expect(overview.contains("No study has been proposed yet."))
      let audit = try await browser.page("/audit")
      #expect(audit.contains("There are no entries."))
    }
  }

  @Test(arguments: ShownStudyState.allCases) func everyStateHasItsOwnWordAndShape(state: ShownStudyState) {
    let others = ShownStudyState.allCases.filter { $0 != state }
    #expect(!others.contains { $0.title == state.title })
    #expect(state.explanation.hasSuffix("."))
    #expect(state.sign.shape.count == 1)
  }
}
