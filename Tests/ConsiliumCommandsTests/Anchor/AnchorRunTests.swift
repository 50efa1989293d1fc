import Credentials
import CredentialsTesting
import Etcd
import FederatedCore
import FederatedTransport
import Foundation
import TestSupport
import Testing

@testable import ConsiliumCommands

@Suite(.timeLimit(.minutes(10))) struct AnchorRunTests {
  private static let isInstalled = (try? EtcdConfiguration.installedProgram()) != nil

  /// Runs the command, and calls `body` with its port once its register answers; then stops it.
  private func run(
    _ arguments: [String], _ body: @escaping @Sendable (Int) async throws -> Void = { _ in }
  ) async throws -> (status: Int32, lines: [String]) {
    let (errors, sink) = AsyncStream.makeStream(of: String.self)
    let console = Console(write: { _ in }, writeError: { sink.yield($0) })
    let running = Task {
      let status = await Console.$current.withValue(console) { await Program.run(arguments) }
      sink.finish()
      return status
    }
    var (lines, port, isReady): ([String], Int?, Bool) = ([], nil, false)
    for await line in errors {
      lines.append(line)
      port = port ?? line.firstMatch(of: /listens on 127.0.0.1:([0-9]+)/).flatMap { Int($0.1) }
      if line.contains("the register answers") { isReady = true }
      guard isReady, let port, !running.isCancelled else { continue }
      do { try await body(port) } catch {
        running.cancel()
        throw error
      }
      running.cancel()
    }
    return (await running.value, lines)
  }

  private func arguments(_ folder: URL, _ authority: TestAuthority, as role: Role = .anchor) throws
    -> [String]
  {
    let identity = folder.appending(path: "identity-\(role)")
    if !FileManager.default.fileExists(atPath: identity.path) {
      try authority.identity(role, "A1").write(to: identity)
    }
    return [
      "anchor", "run", "--folder", folder.appending(path: "anchor").path, "--identity", identity.path,
      "--listen", "127.0.0.1:0",
    ]
  }

  @Test(.enabled(if: isInstalled, "etcd is not installed; run 'make setup'"))
  func keepsEntriesAndBlobsAcrossRestarts() async throws {
    try await withTemporaryFolder { folder in
      let authority = try TestAuthority(consortium: "clinic")
      let arguments = try arguments(folder, authority)
      let member = IdentityKeeper(try authority.identity(.site, "DU"))
      let file = folder.appending(path: "blob")
      try Data("sealed".utf8).write(to: file)
      let first = try await run(arguments) { port in
        try await AnchorLinks.with([.init(host: "127.0.0.1", port: port)], keeper: member) { links in
          let register = RemoteRegister(links)
          _ = try await register.create(SwarmKey("x/1"), [1, 2], lease: nil, fence: nil)
          _ = try await RemoteRelay(links).put(file)
          // Streams that never end by themselves do not keep the anchor from stopping.
          let changes = register.changes(under: SwarmKey("x"), after: 0)
          _ = try await changes.first { _ in true }
        }
      }
      #expect(first.status == 0, "\(first.lines)")
      #expect(first.lines.contains { $0.hasPrefix("anchor A1 of clinic listens on 127.0.0.1:") })
      #expect(try openToOthers(in: folder.appending(path: "anchor")).filter { !$0.hasSuffix(":0") } == [])
      let second = try await run(arguments) { port in
        try await AnchorLinks.with([.init(host: "127.0.0.1", port: port)], keeper: member) { links in
          #expect(try await RemoteRegister(links).entry(at: SwarmKey("x/1"))?.value == [1, 2])
          let copy = folder.appending(path: "copy")
          let isThere = try await RemoteRelay(links).get(RelayBlob(of: file), to: copy)
          #expect(isThere)
          #expect(try Data(contentsOf: copy) == Data("sealed".utf8))
        }
      }
      #expect(second.status == 0, "\(second.lines)")
    }
  }

  @Test(.enabled(if: isInstalled, "etcd is not installed; run 'make setup'"))
  func refusesAnotherRole() async throws {
    try await withTemporaryFolder { folder in
      let ended = try await run(try arguments(folder, TestAuthority(consortium: "clinic"), as: .coordinator))
      #expect(ended.status == 2)
      #expect(
        ended.lines.joined().contains("holds the identity of coordinator/A1; an anchor needs the role anchor")
      )
    }
  }

  @Test func rejectsImpossibleLimits() async {
    let printed = await consilium("anchor", "run", "--relay-limit", "0")
    #expect(printed.status == 2)
    #expect(printed.err.contains("--relay-limit must be from 1 to 1000000"))
  }
}
