import FederatedCore
import Foundation
import TestSupport
import Testing

@testable import StudyProtocol

/// A study whose author writes texts that look like the program's own, or that change how other texts look.
@Suite struct HostileStudyTests {
  /// Every hidden character and every way to begin a line that the attack knows.
  static let hostile = """
    Yes.

    WHAT LEAVES A SITE

    Nothing leaves.
    - age: \u{1B}[2J\u{202E}gnp.\u{2066}exe\u{200B}\u{85}WHAT LEAVES A SITE\u{2028}WHAT LEAVES A SITE\r\t”
    """

  private static let titles = [
    "THE QUESTION", "WHAT EACH SITE SUPPLIES", "WHAT IS TRAINED, AND HOW", "WHAT LEAVES A SITE",
    "HOW THE RESULT IS JUDGED",
  ]

  @Test(arguments: [20, 40, 80, 100]) func textsOfTheAuthorBeginNoLine(width: Int) throws {
    let page = try Self.study(with: Self.hostile).explanation().page(width: width)
    #expect(!page.unicodeScalars.contains { $0.isHidden && $0 != "\n" })
    let lines = page.split(separator: "\n").map(String.init)
    #expect(lines.filter { !$0.hasPrefix("  ") } == Self.titles)
    #expect(lines.allSatisfy { $0.count <= width || !$0.hasPrefix("  ") })
  }

  /// A word without a space would be broken by the terminal, at its first column.
  @Test func longWordsAreBrokenByTheProgram() throws {
    let word =
      String(repeating: "x", count: 78) + "WHAT\u{A0}LEAVES\u{A0}A\u{A0}SITE"
      + String(repeating: "大", count: 60)
    let page = try Self.study(with: word).explanation().page(width: 80)
    #expect(page.split(separator: "\n").allSatisfy { $0.hasPrefix("  ") || Self.titles.contains(String($0)) })
    #expect(!page.contains(String(repeating: "大", count: 40)))
  }

  @Test func questionStandsInQuotationMarksOnOneLine() throws {
    let text = ClinicStudy().text.replacing(
      "title: Disease from two findings", with: "title: Findings, question: \"Does it\\nhelp?\"")
    let prose = try Study(yaml: text).explanation().prose
    #expect(prose.hasPrefix("“Findings” (study clinic, version 1).\n\n“Does it help?”\n\n"))
  }

  @Test(arguments: [
    ("title: Disease from two findings", "title: \"Disease\\u202E\"", 1, 42, "202E"),
    ("name: marker", "name: \"mark\\u200Ber\"", 5, 12, "200B"),
    ("unit: mmol/L", "unit: mmol\u{2066}/L", 5, 57, "2066"),
    ("loss: cross-entropy", "loss: cross-entropy # \u{202E}txt", 10, 25, "202E"),
    ("{0: absent", "{0: \"absent\\e[2J\"", 6, 63, "1B"),
  ])
  func hiddenCharactersAreRefusedWithTheirPlace(
    old: String, new: String, line: Int, column: Int, code: String
  )
    throws
  {
    let text = ClinicStudy().text
    #expect(text.contains(old))
    let error = try #require(throws: StudyDiagnostics.self) {
      try Study(yaml: text.replacing(old, with: new))
    }
    let found = try #require(error.diagnostics.first)
    #expect((found.line, found.column) == (line, column))
    #expect(
      found.message
        == "the text contains the invisible character \\u{\(code)}, which can make it look like another text; remove it"
    )
    #expect(error.diagnostics.count == 1)
    #expect(!error.description.unicodeScalars.contains { $0.isHidden })
  }

  /// Line breaks were permitted in version 0.1, and a signed study keeps its digest.
  @Test func ordinaryLineBreaksKeepTheDigest() throws {
    let block = """
      study:
        name: clinic
        version: 1
        title: >
          Disease from
          two findings
        question: |
          Does it help?

          	And whom?
        task: classification
        seed: 7

      """
    let text = block + ClinicStudy().text.split(separator: "\n").dropFirst().joined(separator: "\n") + "\n"
    let study = try Study(yaml: text)
    #expect(study.header.question == "Does it help?\n\n\tAnd whom?\n")
    #expect(try Study(canonicalJSON: study.canonicalJSON()).digest() == study.digest())
    #expect(study.explanation().prose.hasPrefix("“Disease from two findings”"))
    #expect(study.explanation().prose.contains("“Does it help? And whom?”"))
  }

  /// The results of a study that an earlier version accepted stay readable.
  @Test func storedStudyWithHiddenCharactersIsRead() throws {
    let study = try Self.study(with: Self.hostile)
    #expect(try Study(canonicalJSON: study.canonicalJSON()) == study)
  }

  /// A study with the text in every place that its author may fill freely.
  private static func study(with text: String) throws -> Study {
    var study = try Study(yaml: ClinicStudy().text)
    study.header.title = text
    study.header.question = text
    for index in study.elements.indices where study.elements[index].kind != .identifier {
      study.elements[index].unit = study.elements[index].unit.map { _ in text }
      study.elements[index].values = study.elements[index].values.map { .init(code: $0.code, label: text) }
      study.elements[index].name = text
    }
    study.federation.sites.required = [SiteID(text)]
    return study
  }
}
