import FederatedCore
import Testing

@testable import ConsiliumCommands

@Suite struct ProgramTests {
  @Test(arguments: [["--help"], ["data", "--help"], ["help", "data"], ["--version"]])
  func helpEndsWithStatus0(arguments: [String]) async {
    let out = Collected()
    let console = Console(write: out.append, writeError: { _ in Issue.record("nothing is an error here") })
    let status = await Console.$current.withValue(console) { await Program.run(arguments) }
    #expect(status == 0)
    #expect(!out.text.isEmpty)
  }

  @Test(arguments: [["--no-such-option"], ["nonsense"], ["data", "fetch", "--size", "big"]])
  func wrongArgumentsEndWithStatus2(arguments: [String]) async {
    let err = Collected()
    let console = Console(write: { _ in Issue.record("nothing was asked for") }, writeError: err.append)
    let status = await Console.$current.withValue(console) { await Program.run(arguments) }
    #expect(status == 2)
    #expect(err.text.hasPrefix("error: "))
    #expect(err.text.contains("Usage: consilium"))
  }

  @Test func errorsAreObjectsWithJSON() async {
    let printed = await consilium("data", "fetch", "nosuchmnist", "--json")
    #expect(printed.status == 2)
    #expect(printed.err.hasPrefix(#"{"code":"invalidInput","event":"error","message":"there is no data set"#))
  }

  @Test(arguments: [
    (ConsiliumError.Code.invalidInput, Int32(2)), (.partial, 3), (.cancelled, 130), (.engine, 1),
    (.storage, 1),
  ])
  func errorsDecideTheStatus(code: ConsiliumError.Code, status: Int32) {
    let report = ErrorReport(ConsiliumError(code, "something"))
    #expect(report.status == status)
    #expect(report.lines == ["error: something"])
  }

  @Test func cancellationEndsWithStatus130() {
    #expect(ErrorReport(CancellationError()).status == 130)
  }
}
