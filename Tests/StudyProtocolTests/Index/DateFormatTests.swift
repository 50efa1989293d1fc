import Testing

@testable import StudyProtocol

/// The expected days come from Python's `datetime.date.toordinal`, minus the ordinal of 1 January 1970.
@Suite struct DateFormatTests {
  @Test(arguments: [
    ("YYYY-MM-DD", "1970-01-01", 0), ("YYYY-MM-DD", "2000-02-29", 11_016),
    ("YYYY-MM-DD", "1899-12-31", -25_568),
    ("YYYY-MM-DD", "2020-01-31 10:30:00", 18_292), ("YYYY-MM-DD", "2020-01-31T10:30:00.5Z", 18_292),
    ("DD.MM.YYYY", "31.01.2020", 18_292), ("DD.MM.YYYY", "1.2.2020", 18_293),
    ("MM/DD/YYYY", "01/31/2020", 18_292),
    ("dd/mm/yyyy", "31/01/2020", 18_292), ("YYYYMMDD", "20200131", 18_292),
    ("DD-MMM-YYYY", "31-JAN-2020", 18_292),
    ("excel", "43861", 18_292), ("EXCEL", "43861.5", 18_292),
  ])
  func days(pattern: String, text: String, day: Int) throws {
    #expect(try #require(DateFormat(pattern)).day(text) == day)
  }

  @Test(arguments: [
    ("YYYY-MM-DD", "2019-02-29"), ("YYYY-MM-DD", "2020-13-01"), ("YYYY-MM-DD", "2020-00-10"),
    ("YYYY-MM-DD", "20-01-31"),
    ("DD.MM.YYYY", "31.04.2020"), ("DD.MM.YYYY", "2020-01-31"), ("DD.MM.YYYY", "31.01.20"),
    ("MM/DD/YYYY", "31/01/2020"),
    ("YYYYMMDD", "2020013"), ("YYYYMMDD", "202001311"), ("DD-MMM-YYYY", "31-JUX-2020"),
    ("YYYY-MM-DD", "2020-01-31x"),
    ("excel", "x"), ("excel", "0"), ("YYYY-MM-DD", ""),
  ])
  func noDates(pattern: String, text: String) throws {
    #expect(try #require(DateFormat(pattern)).day(text) == nil)
  }

  @Test(arguments: ["YY-MM-DD", "YYYY-MM", "MM-MMM-YYYY-DD", "hello", "", "YYYY-MM-DD-DD"])
  func rejectsPatternsThatAreNotDateFormats(pattern: String) {
    #expect(DateFormat(pattern) == nil)
  }

  @Test(arguments: [
    (0, "1970-01-01"), (11_016, "2000-02-29"), (-25_568, "1899-12-31"), (18_292, "2020-01-31"),
    (-719_162, "0001-01-01"), (2_932_896, "9999-12-31"), (47_540, "2100-02-28"), (47_541, "2100-03-01"),
  ])
  func texts(day: Int, text: String) { #expect(DateFormat.text(ofDay: day) == text) }

  @Test func parsesDates() {
    for day in stride(from: -719_162, through: 2_932_896, by: 97) {
      #expect(DateFormat.iso.day(DateFormat.text(ofDay: day)) == day)
    }
  }
}
