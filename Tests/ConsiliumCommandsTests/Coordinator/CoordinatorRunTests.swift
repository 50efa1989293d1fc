import Credentials
import CredentialsTesting
import Foundation
import TestSupport
import Testing

@testable import ConsiliumCommands

@Suite(.timeLimit(.minutes(10))) struct CoordinatorRunTests {
  /// Runs the command until its log contains `message`, then stops it.
  private func run(_ arguments: [String], until message: String) async throws -> (
    status: Int32, lines: [String]
  ) {
    let (errors, sink) = AsyncStream.makeStream(of: String.self)
    let console = Console(write: { _ in }, writeError: { sink.yield($0) })
    let running = Task {
      let status = await Console.$current.withValue(console) { await Program.run(arguments) }
      sink.finish()
      return status
    }
    var lines: [String] = []
    for await line in errors {
      lines.append(line)
      if line.contains(message) { running.cancel() }
    }
    return (await running.value, lines)
  }

  private func arguments(_ folder: URL) throws -> [String] {
    let identity = folder.appending(path: "identity")
    try TestAuthority(consortium: "clinic").identity(.coordinator, "hub").write(to: identity)
    return [
      "coordinator", "run", "--folder", folder.appending(path: "coordinator").path, "--identity",
      identity.path, "--listen", "127.0.0.1:0",
    ]
  }

  @Test func servesTheDashboardLogsJSONAndStopsInOrder() async throws {
    try await withTemporaryFolder { folder in
      let more = ["--dashboard", "127.0.0.1:0", "--log-format", "json"]
      let ended = try await run(try arguments(folder) + more, until: "the dashboard is at")
      #expect(ended.status == 0)
      let objects = try ended.lines.map { line in
        try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      }
      #expect(ended.lines.allSatisfy { $0.hasSuffix("}\n") })
      let messages = objects.compactMap { $0["message"] as? String }
      #expect(messages.contains { $0.hasPrefix("the dashboard is at https://127.0.0.1:") })
      #expect(messages.contains { $0.hasPrefix("coordinator of clinic listens on 127.0.0.1:") })
      let coordinator = folder.appending(path: "coordinator")
      #expect(!FileManager.default.fileExists(atPath: coordinator.appending(path: "dashboard.json").path))
      let log = try String(contentsOf: coordinator.appending(path: "audit.log"), encoding: .utf8)
      #expect(log.contains("service-stopped"))
    }
  }

  @Test func nothingElseListensWithoutADashboard() async throws {
    try await withTemporaryFolder { folder in
      let ended = try await run(try arguments(folder), until: "listens on")
      #expect(ended.status == 0)
      #expect(ended.lines.first?.hasPrefix("coordinator of clinic listens on 127.0.0.1:") == true)
      #expect(!ended.lines.contains { $0.contains("dashboard") })
    }
  }

  /// Every site would refuse the certificate, and no site could state the reason.
  @Test func doesNotServeWithACertificateThatHasExpired() async throws {
    try await withTemporaryFolder { folder in
      let identity = folder.appending(path: "identity")
      try TestAuthority(consortium: "clinic").expired(.coordinator, "hub").write(to: identity)
      let printed = await consilium(
        "coordinator", "run", "--folder", folder.appending(path: "coordinator").path, "--identity",
        identity.path, "--listen", "127.0.0.1:0")
      #expect(printed.status != 0)
      #expect(printed.err.contains("the certificate of coordinator/hub expired on"))
      #expect(printed.err.contains("consilium provision renew"))
    }
  }

  @Test func errorsAreAlsoLogged() async throws {
    let printed = await consilium(
      "coordinator", "run", "--identity", "/nowhere", "--log-format", "json", "--folder", "/nowhere")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(printed.err.utf8)) as? [String: Any])
    #expect(object["level"] as? String == "critical")
    #expect(object["code"] is String)
    #expect(printed.status != 0)
    #expect(printed.err.split(separator: "\n").count == 1)
  }

  @Test func rejectsMalformedAddress() async {
    for address in ["127.0.0.1", "here", ":8444", "a b:1", "127.0.0.1:99999"] {
      let printed = await consilium("coordinator", "run", "--dashboard", address)
      #expect(printed.status == 2, "\(address)")
      #expect(printed.err.contains("--dashboard <address:port>"), "\(printed.err)")
    }
  }

  @Test func parsesAddresses() {
    #expect(ListenAddress(argument: "0.0.0.0:8443") == ListenAddress(host: "0.0.0.0", port: 8443))
    #expect(ListenAddress(argument: "[::1]:0") == ListenAddress(host: "::1", port: 0))
  }
}
