import FederatedCore
import FederatedRuntime
import Simulator
import Synchronization

/// Records the events of a simulation in order.
final class EventLog: Sendable {
  private let events = Mutex<[SimulationEvent]>([])

  @Sendable func append(_ event: SimulationEvent) { events.withLock { $0.append(event) } }

  /// The committed rounds, as `arm round`.
  var committedRounds: [String] {
    runEvents.compactMap { event in
      if case .roundCommitted(let record) = event { "\(record.arm) \(record.round)" } else { nil }
    }
  }

  var replacedWorkers: [Int32] {
    runEvents.compactMap { event in
      if case .workerReplaced(let process, _) = event { process } else { nil }
    }
  }

  /// The process IDs of the started workers.
  var workers: [Int32] {
    runEvents.compactMap { event in
      if case .workerStarted(let engine) = event { engine.processID } else { nil }
    }
  }

  private var runEvents: [RunEvent] {
    events.withLock { $0 }.compactMap { event in
      if case .run(let event) = event { event } else { nil }
    }
  }
}
