import Testing

@testable import ConsiliumCommands

@Suite struct ConsoleTests {
  private func console(_ arguments: [String]) -> Console {
    var console = Console(write: { _ in }, writeError: { _ in })
    console.arguments = arguments
    return console
  }

  @Test func theCommandLineCanBePastedIntoAShell() {
    let console = console(["simulate", "my study.yaml", "--out", "it's", "--arms", "local,pooled"])
    #expect(
      console.commandLine(adding: "--resume")
        == #"consilium simulate 'my study.yaml' --out 'it'\''s' --arms local,pooled --resume"#)
  }

  @Test func whatIsThereIsNotAddedTwice() {
    #expect(
      console(["simulate", "--resume"]).commandLine(adding: "--resume") == "consilium simulate --resume")
  }

  @Test(arguments: [("", 0, ""), ("abc", 3, "abc"), ("abcd", 3, "ab…"), ("abcd", 1, "…"), ("abcd", 0, "")])
  func textIsCutWithAnEllipsis(text: String, width: Int, cut: String) {
    #expect(text.truncated(to: width) == cut)
  }
}
