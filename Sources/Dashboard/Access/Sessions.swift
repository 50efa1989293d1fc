import Foundation
import Synchronization

/// Who is signed in by a token, in memory: a restart of the coordinator signs everyone out.
final class Sessions: Sendable {
  private struct Session {
    var visitor: Visitor
    var expires: Date
  }

  /// How long one stays signed in: a working day.
  static let lifetime: TimeInterval = 12 * 3600
  /// More than any consortium has people; the oldest goes first.
  static let limit = 1000

  private let sessions = Mutex<[String: Session]>([:])

  /// - Returns: the secret that the browser keeps as a cookie; always a new one, so that nobody can choose it before.
  func open(for visitor: Visitor, now: Date) -> String {
    let id = Secret.random()
    sessions.withLock { sessions in
      sessions = sessions.filter { $0.value.expires > now }
      if sessions.count >= Self.limit, let oldest = sessions.min(by: { $0.value.expires < $1.value.expires })
      {
        sessions[oldest.key] = nil
      }
      sessions[id] = Session(visitor: visitor, expires: now + Self.lifetime)
    }
    return id
  }

  func visitor(of id: String, now: Date) -> Visitor? {
    sessions.withLock { sessions in
      guard let session = sessions[id], session.expires > now else { return nil }
      return session.visitor
    }
  }

  func close(_ id: String) { sessions.withLock { $0[id] = nil } }
}
