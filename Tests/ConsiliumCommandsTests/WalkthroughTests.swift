import Foundation
import StudyProtocol
import Testing

@testable import ConsiliumCommands

/// Everything that `Documentation/OneMachine.md` shows must work; `Scripts/walkthrough.sh` runs all of it.
@Suite struct WalkthroughTests {
  private let page: String

  init() throws {
    let file = URL(filePath: #filePath).appending(path: "../../../Documentation/OneMachine.md")
      .standardizedFileURL
    page = try String(contentsOf: file, encoding: .utf8)
  }

  private var commands: [Substring] {
    page.components(separatedBy: "```sh\n").dropFirst().compactMap { $0.components(separatedBy: "```").first }
      .joined().split(separator: "\n").filter { $0.hasPrefix("consilium ") }
  }

  /// The words of a command, up to its first shell operator.
  private func words(_ line: Substring) -> [String] {
    var (words, isQuoted) = ([""], false)
    for character in line.prefix(while: { $0 != "|" && $0 != "&" }) {
      switch character {
      case "\"": isQuoted.toggle()
      case " " where !isQuoted: words.append("")
      default: words[words.count - 1].append(character)
      }
    }
    return words.dropFirst().filter { !$0.isEmpty && !$0.hasPrefix("2>") }
  }

  @Test func everyCommandAndOptionExists() {
    #expect(commands.count == 35)
    for line in commands {
      #expect(throws: Never.self, "\(line)") { try Consilium.parseAsRoot(words(line)) }
    }
  }

  @Test func walkthroughStudyIsValidForBothHospitals() throws {
    let texts = page.components(separatedBy: "<<'END'\n").dropFirst().compactMap {
      $0.components(separatedBy: "END\n").first
    }
    try #require(texts.count == 3)
    let study = try Study(yaml: texts[2])
    for text in texts[..<2] { _ = try SiteFile(yaml: text, study: study, hasAllSites: false) }
  }

  @Test func everyBlockHasATerminal() {
    let blocks = page.components(separatedBy: "```sh\n").dropLast()
    for block in blocks {
      let last = block.split(separator: "\n").last ?? ""
      #expect(last.hasPrefix("<!-- run: ") && last.hasSuffix(" -->"), "\(last)")
    }
  }
}
