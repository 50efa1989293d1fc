import FederatedCore
import WorkerProtocol

/// One slot of a pool: its current process, and that process's open sessions.
struct PooledWorker {
  let name: String
  var link: WorkerLink?
  var sessions = OpenSessions()
  var isBusy = false

  init(name: String) { self.name = name }

  /// Forgets the process, which has ended, and its sessions.
  mutating func forget() {
    link = nil
    sessions = OpenSessions()
  }
}

/// The open sessions of a worker, the most recently used last.
struct OpenSessions {
  private var entries: [(session: OpenSession, description: SessionDescription)] = []

  var count: Int { entries.count }

  func contains(_ name: String) -> Bool { entries.contains { $0.session.session == name } }

  func description(of session: OpenSession) -> SessionDescription? {
    entries.first { $0.session == session }?.description
  }

  /// The description that the worker sent when it opened exactly this session; `nil` if the session is not
  /// open. Marks the session as used.
  mutating func use(_ session: OpenSession) -> SessionDescription? {
    guard let index = entries.firstIndex(where: { $0.session == session }) else { return nil }
    let entry = entries.remove(at: index)
    entries.append(entry)
    return entry.description
  }

  /// The session that must be closed before `session` is opened: a session with the same name or, if the
  /// limit is reached, the least recently used session.
  func toClose(before session: OpenSession, limit: Int) -> String? {
    if contains(session.session) { return session.session }
    return entries.count >= max(1, limit) ? entries.first?.session.session : nil
  }

  mutating func add(_ session: OpenSession, _ description: SessionDescription) {
    entries.append((session, description))
  }

  mutating func remove(_ name: String) { entries.removeAll { $0.session.session == name } }
}
