import Foundation
import Logging
import Synchronization
import Testing

@testable import JSONLogging

@Suite struct JSONLogHandlerTests {
  private final class Lines: Sendable {
    let all = Mutex<[String]>([])
  }

  private func logged(_ level: Logger.Level = .trace, _ body: (inout Logger) -> Void) throws -> [[String:
    Any]]
  {
    let lines = Lines()
    var logger = Logger(label: "test") { label in
      JSONLogHandler(label: label, level: level, now: { Date(timeIntervalSince1970: 1_772_460_451.052) }) {
        line in
        lines.all.withLock { $0.append(line) }
      }
    }
    body(&logger)
    return try lines.all.withLock { $0 }.map { line in
      #expect(line.hasSuffix("}\n") && line.dropLast().allSatisfy { !$0.isNewline })
      return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  @Test func writesOneObjectPerLine() throws {
    let lines = try logged { logger in
      logger[metadataKey: "request"] = "7"
      logger.info("request", metadata: ["status": .stringConvertible(200), "path": "/studies/lgg"])
      logger.warning("second")
    }
    #expect(lines.count == 2)
    #expect(lines[0]["time"] as? String == "2026-03-02T14:07:31.052Z")
    #expect(lines[0]["level"] as? String == "info")
    #expect(lines[0]["logger"] as? String == "test")
    #expect(lines[0]["message"] as? String == "request")
    #expect(lines[0]["status"] as? Int == 200)
    #expect(lines[0]["path"] as? String == "/studies/lgg")
    #expect(lines[0]["request"] as? String == "7")
    #expect(lines[1]["message"] as? String == "second")
  }

  @Test(
    "Text from outside stays inside its string",
    arguments: [
      "\"},\n{\"level\":\"info", "\u{0}\u{1B}[2J", "a\\", "\u{2028}\u{85}\u{7F}", "Müller 大学", "\r\n\t",
    ])
  func hostileText(text: String) throws {
    let lines = try logged { $0.info("\(text)", metadata: ["path": "\(text)", "\(text)": "key"]) }
    #expect(lines.count == 1)
    #expect(lines[0]["message"] as? String == text)
    #expect(lines[0]["path"] as? String == text)
    #expect(lines[0][text] as? String == "key")
  }

  @Test func metadataCannotReplaceFixedKeys() throws {
    let lines = try logged { $0.error("real", metadata: ["message": "forged", "level": "trace"]) }
    #expect(lines[0]["message"] as? String == "real")
    #expect(lines[0]["level"] as? String == "error")
  }

  @Test func nestedMetadataBecomesNestedJSON() throws {
    let lines = try logged {
      $0.info("m", metadata: ["sites": ["DU", "HT"], "round": ["no": .stringConvertible(3)]])
    }
    #expect(lines[0]["sites"] as? [String] == ["DU", "HT"])
    #expect((lines[0]["round"] as? [String: Int])?["no"] == 3)
  }

  @Test func lowerLevelsAreOmitted() throws {
    #expect(try logged(.warning) { $0.info("quiet") }.isEmpty)
  }
}
