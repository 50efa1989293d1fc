import Foundation
import Testing

/// The tests that the page of the threat model names exist.
struct ThreatModelTests {
  private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The functions of each suite, by the suite's name.
  private func suites() throws -> [String: Set<String>] {
    var suites: [String: Set<String>] = [:]
    let tests = root.appending(path: "Tests")
    let files = FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil)
    while let file = files?.nextObject() as? URL {
      guard file.pathExtension == "swift" else { continue }
      let text = try String(contentsOf: file, encoding: .utf8)
      let names = text.matches(of: /func ([a-z][A-Za-z0-9]*)\(/).map { String($0.1) }
      for suite in text.matches(of: /(?:struct|class) ([A-Z][A-Za-z0-9]*Tests)\b/) {
        suites[String(suite.1), default: []].formUnion(names)
      }
    }
    return suites
  }

  @Test func everyTestThatThePageNamesExists() throws {
    let page = try String(
      contentsOf: root.appending(path: "Documentation/ThreatModel.md"), encoding: .utf8)
    let suites = try suites()
    let named = page.matches(of: /`([A-Z][A-Za-z0-9]*Tests)(?:\.([a-z][A-Za-z0-9]*))?`/)
    #expect(named.count > 40)
    for name in named {
      let functions = try #require(suites[String(name.1)], "there is no suite \(name.1)")
      if let function = name.2 {
        #expect(functions.contains(String(function)), "\(name.1) has no test \(function)")
      }
    }
  }
}
