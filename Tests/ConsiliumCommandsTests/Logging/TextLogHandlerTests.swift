import Logging
import Testing

@testable import ConsiliumCommands

@Suite struct TextLogHandlerTests {
  @Test func eventIsOneReadableLine() {
    let written = Collected()
    let logger = Logger(label: "x") { _ in TextLogHandler { written.append($0 + "\n") } }
    logger.notice("started")
    logger.warning("site dropped", metadata: ["site": "north", "reason": "late\nand more"])
    logger.info("request")
    #expect(written.text == "started\nwarning: site dropped (reason late and more, site north)\n")
  }
}
