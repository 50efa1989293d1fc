import WorkerProtocol

/// One place of a pool: the process that fills it now, and the sessions that this one has open.
struct PooledWorker {
  let name: String
  var link: WorkerLink?
  var sessions = OpenSessions()
  var isBusy = false

  init(name: String) { self.name = name }

  /// The process is gone, and its sessions with it.
  mutating func forget() {
    link = nil
    sessions = OpenSessions()
  }
}

/// The sessions that a worker has open, the most recently used last.
struct OpenSessions {
  private var entries: [(session: OpenSession, description: SessionDescription)] = []

  var count: Int { entries.count }

  func contains(_ name: String) -> Bool { entries.contains { $0.session.session == name } }

  func description(of session: OpenSession) -> SessionDescription? {
    entries.first { $0.session == session }?.description
  }

  /// What was found when this very session was opened; marks it as used.
  mutating func use(_ session: OpenSession) -> SessionDescription? {
    guard let index = entries.firstIndex(where: { $0.session == session }) else { return nil }
    let entry = entries.remove(at: index)
    entries.append(entry)
    return entry.description
  }

  /// A session that has to be closed before `session` is opened: its namesake, or the least recently used beyond the limit.
  func toClose(before session: OpenSession, limit: Int) -> String? {
    if contains(session.session) { return session.session }
    return entries.count >= max(1, limit) ? entries.first?.session.session : nil
  }

  mutating func add(_ session: OpenSession, _ description: SessionDescription) {
    entries.append((session, description))
  }

  mutating func remove(_ name: String) { entries.removeAll { $0.session.session == name } }
}
