import FederatedCore
import Testing

@testable import ConsiliumCommands

@Suite struct SiteFactsTextTests {
  private func element(_ name: String, _ kind: String, _ change: (inout SiteFacts.Element) -> Void)
    -> SiteFacts.Element
  {
    var element = SiteFacts.Element(name: name, kind: kind, records: 60)
    change(&element)
    return element
  }

  @Test func eachElementIsALine() {
    let facts = SiteFacts(
      rows: 118, used: 60, exampleShape: [1, 256, 256],
      elements: [
        element("flair", "image") {
          $0.sizes = [.init("256×256×22", records: 58), .init("240×240×22", records: 2)]
          $0.spacings = [.init("0.9×0.9×6 mm", records: 60)]
          $0.orientations = [.init("LPS", records: 60)]
          $0.values = .init(low: 0, high: 4095)
        },
        element("lesion", "mask") {
          $0.sizes = [.init("256×256", records: 60)]
          $0.spacings = [.init("not stated", records: 60)]
          $0.classes = [.init("abnormality", records: 41)]
          $0.share = 0.0231
        },
        element("disease", "category") {
          $0.classes = [.init("absent", records: 20), .init("present", records: 40)]
        },
        element("age", "number") {
          $0.values = .init(low: 20, high: 83)
          $0.unit = "year"
        },
        element("patient", "identifier") { _ in },
      ])
    #expect(
      SiteFactsText(facts).lines.joined(separator: "\n") == """
        records  58 of 118 records left out
        flair    60 images · 256×256×22 (58), 240×240×22 (2) · 0.9×0.9×6 mm · LPS · 0 to 4095
        lesion   60 masks · 256×256 · spacing not stated · abnormality in 41 of 60, 2.31 % of all pixels
        disease  absent 20, present 40
        age      60 records · 20 to 83 years
        """)
  }

  @Test func datesFollowTheRangeAndAreNamedIfHidden() {
    var facts = SiteFacts(
      rows: 60, used: 60, exampleShape: [],
      elements: [
        element("ct", "image") {
          $0.sizes = [.init("512×512×40", records: 60)]
          $0.spacings = [.init("1×1×5 mm", records: 60)]
          $0.orientations = [.init("LPS", records: 60)]
          $0.values = .init(low: -1024, high: 3071)
          $0.dates = .init(first: "2018-02-01", last: "2021-11-30")
        },
        element("follow-up", "number") {
          $0.values = .init(low: 1, high: 900)
          $0.unit = "day"
          $0.dates = .init(first: "2018-02-01", last: "2018-02-01")
        },
        element("age", "number") { $0.values = .init(low: 20, high: 83) },
      ])
    #expect(
      SiteFactsText(facts).lines.joined(separator: "\n") == """
        ct         60 images · 512×512×40 · 1×1×5 mm · LPS · -1024 to 3071 · dated 2018-02-01 to 2021-11-30
        follow-up  60 records · 1 to 900 days · dated 2018-02-01
        age        60 records · 20 to 83
        """)
    facts = facts.withoutValues()
    #expect(facts.elements.allSatisfy { $0.dates == nil && $0.values == nil })
    #expect(
      SiteFactsText(facts).lines.joined(separator: "\n") == """
        ct         60 images · 512×512×40 · 1×1×5 mm · LPS · dates with --show-values
        follow-up  60 records · dates with --show-values
        """)
  }

  @Test func leavesOutNumbersWithoutARangeAndLongLists() {
    let numbers = (1...40).map { number in element("n\(number)", "number") { _ in } }
    let classes = (1...40).map { number in
      element("c\(number)", "category") { $0.classes = [.init("yes", records: 60)] }
    }
    let facts = SiteFacts(rows: 60, used: 60, exampleShape: [], elements: numbers + classes)
    let lines = SiteFactsText(facts).lines
    #expect(lines.count == 12 && lines.first == "c1   yes 60")
    #expect(lines.last == "…    29 more: consilium data stats")
  }

  @Test func totalsAreOverAllSites() {
    let facts = [(60, 2), (40, 40)].map { SiteFacts(rows: $0.0, used: $0.1, exampleShape: [], elements: []) }
    #expect(SiteFactsText.total(of: facts) == "58 of 100 records left out")
  }

  @Test func namesFromAStudyCannotMoveTheCursor() {
    let facts = SiteFacts(
      rows: 60, used: 60, exampleShape: [],
      elements: [element("a\u{1B}[2J", "number") { $0.values = .init(low: 0, high: 1) }])
    #expect(SiteFactsText(facts).lines.allSatisfy { !$0.unicodeScalars.contains("\u{1B}") })
  }
}
