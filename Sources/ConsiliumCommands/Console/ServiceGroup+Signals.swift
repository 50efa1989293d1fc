import Logging
import ServiceLifecycle

extension [any Service] {
  /// Runs services until the first signal, then lets them finish their work. If one service fails, all of
  /// them end.
  func runUntilStopped(_ logger: Logger) async throws {
    var quiet = logger
    quiet.logLevel = .error
    let group = ServiceGroup(
      configuration: .init(
        services: map {
          .init(
            service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
            failureTerminationBehavior: .gracefullyShutdownGroup)
        }, logger: quiet))
    try await stoppable(announce: { logger.notice("stopping after the current work") }) {
      // Use a separate task, since cancelling the group's task would cut off work that could still finish.
      let running = Task { try await group.run() }
      try await withTaskCancellationHandler {
        try await running.value
      } onCancel: {
        Task { await group.triggerGracefulShutdown() }
      }
    }
  }
}
