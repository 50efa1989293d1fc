import Credentials
import CredentialsTesting
import Etcd
import FederatedCore
import FederatedTransport
import Foundation
import TestSupport
import Testing

@testable import ConsiliumCommands

@Suite(.timeLimit(.minutes(10))) struct ThreeAnchorsTests {
  private static let isInstalled = (try? EtcdConfiguration.installedProgram()) != nil

  /// An anchor that runs in this process.
  private struct Running {
    let task: Task<Int32, Never>
    let log: Collected

    init(_ arguments: [String]) {
      let log = Collected()
      let console = Console(write: { _ in }, writeError: log.append)
      self.log = log
      task = Task { await Console.$current.withValue(console) { await Program.run(arguments) } }
    }

    func stop() async -> Int32 {
      task.cancel()
      return await task.value
    }
  }

  /// Ports of loopback on which nothing listens now.
  private func freePorts(_ count: Int) throws -> [Int] {
    var sockets: [Int32] = []
    defer { for socket in sockets { close(socket) } }
    return try (0..<count).map { _ in
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      sockets.append(descriptor)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let isBound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
        }
      }
      try #require(isBound)
      return Int(UInt16(bigEndian: address.sin_port))
    }
  }

  private func eventually<Result>(_ body: () async throws -> Result) async throws -> Result {
    let end = ContinuousClock.now + .seconds(120)
    while true {
      do { return try await body() } catch let error as ConsiliumError {
        guard error.code == .unavailable, ContinuousClock.now < end else { throw error }
        try await Task.sleep(for: .milliseconds(200))
      }
    }
  }

  @Test(.enabled(if: isInstalled, "etcd is not installed; run 'make setup'"))
  func aMajorityServesAndALoneAnchorDecidesNothing() async throws {
    try await withTemporaryFolder { folder in
      let authority = try TestAuthority(consortium: "clinic")
      let ports = try freePorts(3)
      @Sendable func arguments(_ number: Int) throws -> [String] {
        let identity = folder.appending(path: "identity-\(number)")
        if !FileManager.default.fileExists(atPath: identity.path) {
          try authority.identity(.anchor, "A\(number)").write(to: identity)
        }
        let others = (0..<3).filter { $0 != number }.flatMap {
          ["--anchor", "A\($0)=127.0.0.1:\(ports[$0])"]
        }
        return [
          "anchor", "run", "--folder", folder.appending(path: "anchor-\(number)").path, "--identity",
          identity.path, "--listen", "127.0.0.1:\(ports[number])",
        ] + others
      }
      let anchors = try (0..<3).map { Running(try arguments($0)) }
      let addresses = ports.map { ClientConfiguration(host: "127.0.0.1", port: $0) }
      let member = IdentityKeeper(try authority.identity(.site, "DU"))
      let key = SwarmKey("x/1")
      // What one anchor has taken, every other one shows.
      try await AnchorLinks.with([addresses[0]], keeper: member) { links in
        _ = try await eventually { try await RemoteRegister(links).create(key, [7], lease: nil, fence: nil) }
      }
      for address in addresses {
        try await AnchorLinks.with([address], keeper: member) { links in
          let entry = try await eventually { try await RemoteRegister(links).entry(at: key) }
          #expect(entry?.value == [7])
        }
      }
      // Without one anchor the others go on; a single one of three decides nothing.
      #expect(await anchors[0].stop() == 0, "\(anchors[0].log.text)")
      try await AnchorLinks.with(addresses, keeper: member) { links in
        let register = RemoteRegister(links)
        _ = try await eventually { try await register.create(SwarmKey("x/2"), [8], lease: nil, fence: nil) }
        #expect(await anchors[1].stop() == 0, "\(anchors[1].log.text)")
        let error = await #expect(throws: ConsiliumError.self) { try await register.entry(at: key) }
        #expect(error?.code == .unavailable)
        let returned = Running(try arguments(0))
        let entry = try await eventually { try await register.entry(at: SwarmKey("x/2")) }
        #expect(entry?.value == [8])
        // The anchor that was away has caught up.
        try await AnchorLinks.with([addresses[0]], keeper: member) { links in
          let entry = try await eventually { try await RemoteRegister(links).entry(at: SwarmKey("x/2")) }
          #expect(entry?.value == [8])
        }
        _ = await returned.stop()
      }
      _ = await anchors[2].stop()
      // With other anchors, this register would be another one.
      let alone = await consilium(Array(try arguments(2).prefix(8)))
      #expect(alone.status == 2)
      #expect(alone.err.contains("belongs to the anchors A0, A1, A2"), "\(alone.err)")
    }
  }

  @Test func numberOfAnchorsIsOdd() async {
    let printed = await consilium("anchor", "run", "--anchor", "A2=a2.example.org")
    #expect(printed.status == 2)
    #expect(printed.err.contains("a swarm has 1, 3 or 5 anchors"))
    for wrong in ["A2", "=a:1", "A2=", "A 2=a:1", "A2=a:99999"] {
      #expect(await consilium("anchor", "run", "--anchor", wrong).status == 2, "\(wrong)")
    }
  }
}
