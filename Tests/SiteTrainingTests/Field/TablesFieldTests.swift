import FederatedCore
import Testing

@testable import SiteTraining

/// The field cases of the class `tables`, which reproduce problems that users reported publicly.
struct TablesFieldTests {
  private func load(_ name: String) throws -> SessionLoader { try FieldCase("tables/\(name)").load() }

  /// The number of patients, and the number of records of the second class.
  private func counts(_ loaded: SessionLoader) throws -> [Int] {
    let data = try #require(loaded.data)
    let all = Array(0..<data.source.exampleCount)
    return [data.patients.count, try data.source.classCounts(of: all, classCount: 2)[1]]
  }

  @Test func theSpreadsheetsFirstLineIsRead() throws {
    let loaded = try load("sep_line")
    #expect(loaded.errors.isEmpty)
    #expect(try counts(loaded) == [20, 10])
  }

  @Test func emptyColumnsAreLeftAsideWithAWarning() throws {
    let loaded = try load("empty_columns")
    #expect(loaded.errors.isEmpty)
    #expect(try counts(loaded) == [20, 10])
    let messages = loaded.findings.map(\.message)
    #expect(messages.contains("2 columns without name and content were skipped"))
    #expect(messages.contains("rows without content were skipped"))
  }

  /// Each patient occurs twice, once with a no-break space after the identifier.
  @Test func noBreakSpaceDoesNotCreateASecondPatient() throws {
    let loaded = try load("no_break_space")
    #expect(loaded.errors.isEmpty)
    #expect(try counts(loaded) == [12, 12])
    #expect(try #require(loaded.data).patients.allSatisfy { $0.records.count == 2 })
    #expect(loaded.findings.contains { $0.element == "patient" && $0.records == 12 })
  }

  @Test func identifiersThatDifferInCaseAloneAreAWarning() throws {
    let loaded = try load("case_of_ids")
    #expect(loaded.errors.isEmpty)
    let finding = try #require(loaded.findings.first { $0.element == "patient" })
    #expect(
      finding.message.hasPrefix(
        "24 identifiers differ from another one only in upper and lower case"))
  }

  @Test func fileEndingsInAnotherCaseAreFound() throws {
    let loaded = try load("pattern_case")
    #expect(loaded.errors.isEmpty)
    #expect(try counts(loaded) == [16, 8])
    #expect(
      loaded.findings.contains {
        $0.records == 8 && $0.message.contains("differs from the pattern's '.png' only in case")
      })
  }

  @Test func decomposedNamesAreFound() throws {
    let loaded = try load("decomposed_names")
    #expect(loaded.errors.isEmpty)
    #expect(try counts(loaded) == [12, 6])
  }

  @Test func lostLeadingZerosAreRefusedWithAHint() throws {
    let loaded = try load("leading_zeros")
    let finding = try #require(loaded.errors.first)
    #expect(finding.element == "image")
    #expect(finding.message.contains("differs only in leading zeros"))
    #expect(finding.places.first?.hasSuffix("img/1.png, there is 001.png") == true)
  }

  @Test func aZeroWidthSpaceInAHeaderIsLeftOut() throws {
    let loaded = try load("zero_width_header")
    #expect(loaded.errors.isEmpty)
    #expect(try counts(loaded) == [20, 10])
    #expect(
      loaded.findings.contains { $0.message.hasPrefix("1 column name contained unusual blanks") })
  }
}
