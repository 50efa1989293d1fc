import Foundation
import StudyProtocol
import Testing

@testable import ConsiliumCommands

/// Everything that the README shows must work.
@Suite struct ReadmeTests {
  private let readme: String

  init() throws {
    let file = URL(filePath: #filePath).appending(path: "../../../README.md").standardizedFileURL
    readme = try String(contentsOf: file, encoding: .utf8)
  }

  private func blocks(_ language: String) -> [String] {
    readme.components(separatedBy: "```\(language)\n").dropFirst().compactMap {
      $0.components(separatedBy: "```").first
    }
  }

  @Test func firstStudyIsValidAndHasTenLines() throws {
    let yaml = blocks("yaml")
    try #require(yaml.count == 2)
    let study = try Study(yaml: yaml[0])
    _ = try SiteFile(yaml: yaml[1], study: study)
    #expect(yaml[0].split(separator: "\n").count == 10)
  }

  @Test func everyCommandAndOptionExists() throws {
    let lines = blocks("sh").flatMap { $0.split(separator: "\n") }.filter { $0.hasPrefix("consilium ") }
    #expect(lines.count == 28)
    for line in lines {
      let words = line.prefix { $0 != "#" }.split(separator: " ").dropFirst().map(String.init)
      #expect(throws: Never.self, "\(line)") { try Consilium.parseAsRoot(words) }
    }
  }
}
