import Credentials
import Foundation
import TestSupport
import Testing

@testable import ConsiliumCommands

@Suite struct CoordinatorTokenTests {
  @Test func printsAddressAndTokenThatWorksOnce() async throws {
    try await withTemporaryFolder { folder in
      let place = DashboardPlace(folder: folder)
      try place.open("https://127.0.0.1:8444")
      let printed = await consilium(
        "coordinator", "token", "--role", "operator", "--name", "brandt", "--folder", folder.path)
      #expect(printed.status == 0, "\(printed.err)")
      let lines = printed.out.split(separator: "\n").map(String.init)
      #expect(lines.first == "https://127.0.0.1:8444/sign-in")
      #expect(printed.err.contains("for operator/brandt; works once, within 10 minutes"))
      let tokens = try place.tokens()
      let token = try #require(lines.last)
      #expect(tokens.redeem(token) == Party(role: .operator, name: "brandt"))
      #expect(tokens.redeem(token) == nil)
    }
  }

  @Test func printsOneObjectForPrograms() async throws {
    try await withTemporaryFolder { folder in
      let place = DashboardPlace(folder: folder)
      try place.open("https://127.0.0.1:8444")
      let printed = await consilium(
        "coordinator", "token", "--role", "lead", "--name", "meyer", "--folder", folder.path, "--json")
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(printed.out.utf8)) as? [String: String])
      #expect(object["address"] == "https://127.0.0.1:8444/sign-in")
      #expect(object["role"] == "lead" && object["name"] == "meyer")
      #expect(object["expires"]?.hasSuffix("Z") == true)
      let token = try #require(object["token"])
      #expect(try place.tokens().redeem(token) == Party(role: .lead, name: "meyer"))
    }
  }

  @Test(arguments: [
    ("site", "DU", "the role site cannot use the dashboard"), ("chief", "DU", "there is no role 'chief'"),
    ("lead", "../x", "cannot be a person's name"), ("obsrver", "x", "Did you mean 'observer'?"),
  ])
  func refusesWhoDoesNotUseIt(role: String, name: String, message: String) async throws {
    try await withTemporaryFolder { folder in
      try DashboardPlace(folder: folder).open("https://127.0.0.1:8444")
      let printed = await consilium(
        "coordinator", "token", "--role", role, "--name", name, "--folder", folder.path)
      #expect(printed.status == 2)
      #expect(printed.err.contains(message))
    }
  }

  @Test func errorStatesThatNoDashboardRuns() async throws {
    try await withTemporaryFolder { folder in
      let place = DashboardPlace(folder: folder)
      func token() async -> Printed {
        await consilium(
          "coordinator", "token", "--role", "observer", "--name", "meyer", "--folder", folder.path)
      }
      let none = await token()
      #expect(none.status == 1)
      #expect(none.err.contains("there is no running dashboard of the coordinator"))
      // A killed coordinator leaves its file behind, but without its lock.
      try Data(#"{"address":"https://127.0.0.1:8444"}"#.utf8)
        .write(to: folder.appending(path: "dashboard.json"))
      #expect(await token().err.contains("there is no running dashboard of the coordinator"))
      try place.open("https://127.0.0.1:8444")
      #expect(await token().status == 0)
      place.close()
      #expect(await token().status == 1)
    }
  }
}
