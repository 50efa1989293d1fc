import FederatedCore
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Etcd

/// An etcd process in a temporary folder.
final class TestAnchor: Sendable {
  static let isInstalled = (try? EtcdConfiguration.installedProgram()) != nil
  static let missing: Comment = "etcd is not installed; run 'make setup' (Debian package etcd-server)"

  let folder: URL
  private let process = Mutex<pid_t?>(nil)

  private init(_ folder: URL) { self.folder = folder }

  var processID: pid_t? { process.withLock { $0 } }

  func kill() throws { try #require(processID.map { Foundation.kill($0, SIGKILL) } == 0) }

  /// Runs etcd, and starts it again whenever it ends, while `body` runs.
  @discardableResult
  static func with<Result: Sendable>(
    _ body: @escaping @Sendable (EtcdRegister, TestAnchor) async throws -> Result
  ) async throws -> Result {
    try await withTemporaryFolder { folder in
      // Longer than the path of a socket may be.
      let anchor = TestAnchor(folder.appending(path: String(repeating: "long", count: 30)))
      let configuration = EtcdConfiguration(
        folder: anchor.folder, program: try EtcdConfiguration.installedProgram(), name: "a")
      return try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask {
          try await EtcdSupervisor(configuration).run { id in anchor.process.withLock { $0 = id } }
          return nil
        }
        group.addTask {
          while anchor.processID == nil { try await Task.sleep(for: .milliseconds(10)) }
          return try await EtcdRegister.with(in: anchor.folder) { register in
            try await register.waitUntilReady(.seconds(60))
            return try await body(register, anchor)
          }
        }
        defer { group.cancelAll() }
        while let result = try await group.next() { if let result { return result } }
        throw CancellationError()
      }
    }
  }
}
