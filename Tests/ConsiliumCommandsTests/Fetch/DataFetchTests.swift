import Foundation
import TestSupport
import Testing

@testable import ConsiliumCommands

@Suite struct DataFetchTests {
  @Test func wrongFileFailsWithStatus1() async throws {
    try await withTemporaryFolder { folder in
      let server = try FileServer(content: Array("not an npz file".utf8))
      defer { server.stop() }
      let printed = await consilium(
        "data", "fetch", "breastmnist", "--from", server.base, "--to", folder.path)
      #expect(printed.status == 1)
      #expect(
        printed.err.hasPrefix("error: the file from \(server.base)/breastmnist.npz is not the published file")
      )
      #expect(printed.out.isEmpty)
    }
  }

  @Test func listNamesEverySet() async {
    let printed = await consilium("data", "fetch", "--list")
    #expect(printed.status == 0)
    #expect(printed.out.split(separator: "\n").count == 18)
    let json = await consilium("data", "fetch", "--list", "--json")
    #expect(
      json.out.hasPrefix(
        #"{"images":107180,"licence":"CC BY 4.0","name":"pathmnist","sizes":[28,64,128,224]"#))
  }

  @Test(arguments: [
    ["nosuchmnist"], [], ["breastmnist", "--size", "29"], ["breastmnist", "--from", "ftp://x"],
  ])
  func wrongInputEndsWithStatus2(arguments: [String]) async {
    let console = Console(write: { _ in }, writeError: { _ in })
    let status = await Console.$current.withValue(console) {
      await Program.run(["data", "fetch"] + arguments)
    }
    #expect(status == 2)
  }
}
