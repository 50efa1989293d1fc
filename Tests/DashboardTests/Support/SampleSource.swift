import FederatedCore
import Foundation
import Synchronization

@testable import Dashboard

/// A consortium of four sites, with one study in its thirteenth round and others in every other state.
final class SampleSource: DashboardSource {
  struct Performed: Equatable {
    var action: DashboardAction
    var visitor: Visitor
  }

  struct State {
    var overview = Sample.overview
    var studies = Sample.studies
    var audit = Sample.audit
    var performed: [Performed] = []
    var refusal: ConsiliumError?
    var report: URL?
    var metrics = Sample.metrics
    var health = Health(isReady: true)
    var listeners: [AsyncStream<DashboardChange>.Continuation] = []
  }

  let state: Mutex<State>

  init(_ change: (inout State) -> Void = { _ in }) {
    var state = State()
    change(&state)
    self.state = Mutex(state)
  }

  var performed: [Performed] { state.withLock { $0.performed } }

  func overview() -> Overview { state.withLock { $0.overview } }

  func study(_ id: String) -> StudyPage? { state.withLock { $0.studies[id] } }

  func files(of id: String) -> [ResultFile] { state.withLock { $0.studies[id]?.files ?? [] } }

  func comparison(of ids: [String]) throws -> String {
    guard ids.allSatisfy({ id in overview().studies.contains { $0.id == id } }) else {
      throw ConsiliumError(.invalidInput, "there is no such study here")
    }
    return
      "<html><head><style>p { color: red }</style></head><body>\(ids.joined(separator: " and "))</body></html>"
  }

  func report(of id: String) -> URL? { state.withLock { $0.report } }

  func audit(study: String?, limit: Int) -> [AuditLine] {
    state.withLock { state in
      Array(state.audit.filter { study == nil || $0.study == study }.prefix(limit))
    }
  }

  func changes() -> AsyncStream<DashboardChange> {
    let (stream, continuation) = AsyncStream.makeStream(of: DashboardChange.self)
    state.withLock { $0.listeners.append(continuation) }
    return stream
  }

  func perform(_ action: DashboardAction, by visitor: Visitor) throws {
    try state.withLock { state in
      if let refusal = state.refusal { throw refusal }
      state.performed.append(Performed(action: action, visitor: visitor))
      guard case .pause(let study) = action else { return }
      state.studies[study]?.line.state = .paused
    }
    tell(.study(action.study))
  }

  func metrics() -> [MetricSample] { state.withLock { $0.metrics } }

  func health() -> Health { state.withLock { $0.health } }

  func tell(_ change: DashboardChange) {
    for listener in state.withLock({ $0.listeners }) { listener.yield(change) }
  }

  /// Whether anyone is listening for changes.
  var isHeard: Bool { state.withLock { !$0.listeners.isEmpty } }
}
