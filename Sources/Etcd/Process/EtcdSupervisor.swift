import FederatedCore
import Foundation

/// Keeps etcd running: starts it again whenever it ends.
public struct EtcdSupervisor: Sendable {
  private let configuration: EtcdConfiguration
  /// Called with a line when etcd has ended and is started again.
  private let log: @Sendable (String) -> Void
  /// A process that ran for a shorter time has failed to start.
  private static let shortestLife = Duration.seconds(10)
  /// After this number of failures in a row, etcd is not started again.
  private static let mostFailures = 5

  public init(_ configuration: EtcdConfiguration, log: @escaping @Sendable (String) -> Void = { _ in }) {
    self.configuration = configuration
    self.log = log
  }

  /// Creates the folder, so that a register can be opened in it.
  ///
  /// - Throws: ``ConsiliumError``: `.storage`, or `.invalidInput` if the folder belongs to other anchors.
  public func prepare() throws(ConsiliumError) { try EtcdProcess.prepare(configuration) }

  /// Runs until the task is cancelled.
  ///
  /// - Parameter started: called with the process ID at each start.
  /// - Throws: ``ConsiliumError`` with code `.unavailable` if etcd cannot be started, or ends again and again
  ///   soon after its start.
  public func run(started: @Sendable (pid_t) -> Void = { _ in }) async throws {
    var failures = 0
    while !Task.isCancelled {
      let start = ContinuousClock.now
      let ending = try await EtcdProcess.run(configuration, started: started)
      if Task.isCancelled { return }
      failures = ContinuousClock.now - start < Self.shortestLife ? failures + 1 : 0
      guard failures < Self.mostFailures else {
        throw ConsiliumError(.unavailable, "etcd failed \(failures) times in a row: \(ending)")
      }
      log("\(ending); starting it again")
      do { try await Task.sleep(for: .milliseconds(200 << failures)) } catch { return }
    }
  }
}
