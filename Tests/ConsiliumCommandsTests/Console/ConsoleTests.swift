import Foundation
import Synchronization
import Testing

@testable import ConsiliumCommands

@Suite struct ConsoleTests {
  private func console(_ arguments: [String]) -> Console {
    var console = Console(write: { _ in }, writeError: { _ in })
    console.arguments = arguments
    return console
  }

  @Test func commandLineCanBePastedIntoAShell() {
    let console = console(["simulate", "my study.yaml", "--out", "it's", "--arms", "local,pooled"])
    #expect(
      console.commandLine(adding: "--resume")
        == #"consilium simulate 'my study.yaml' --out 'it'\''s' --arms local,pooled --resume"#)
  }

  @Test func commandLineDoesNotRepeatAnArgument() {
    #expect(
      console(["simulate", "--resume"]).commandLine(adding: "--resume") == "consilium simulate --resume")
  }

  @Test(arguments: [("", 0, ""), ("abc", 3, "abc"), ("abcd", 3, "ab…"), ("abcd", 1, "…"), ("abcd", 0, "")])
  func textIsCutWithAnEllipsis(text: String, width: Int, cut: String) {
    #expect(text.truncated(to: width) == cut)
  }

  /// A pipe accepts 64 KB at once. Longer texts are written in pieces, between which other threads could
  /// write.
  @Test func longLinesOfSeveralThreadsDoNotMix() throws {
    let pipe = Pipe()
    let descriptor = pipe.fileHandleForWriting.fileDescriptor
    let reading = DispatchQueue(label: "reading")
    let written = Mutex(Data())
    reading.async {
      let all = (try? pipe.fileHandleForReading.readToEnd()) ?? Data()
      written.withLock { $0 = all }
    }
    DispatchQueue.concurrentPerform(iterations: 40) { number in
      Console.put(String(repeating: String(number % 10), count: 200_000) + "\n", to: descriptor)
    }
    try pipe.fileHandleForWriting.close()
    let lines = reading.sync { written.withLock { $0 } }.split(separator: UInt8(ascii: "\n"))
    #expect(lines.count == 40)
    #expect(lines.allSatisfy { $0.count == 200_000 && Set($0).count == 1 })
  }
}
