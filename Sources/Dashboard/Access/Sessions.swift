import Credentials
import Foundation
import Synchronization

/// The sign-in sessions opened by tokens. They are kept in memory, so restarting the coordinator signs
/// everyone out.
final class Sessions: Sendable {
  private struct Session {
    var visitor: Visitor
    var expires: Date
    /// The visitor's certificates that were already revoked when the session began.
    var revoked: Set<String>
  }

  /// The length of a sign-in session in seconds: a working day.
  static let lifetime: TimeInterval = 12 * 3600
  /// The maximum number of sessions. No consortium has as many people. The oldest session is removed first.
  static let limit = 1000

  private let sessions = Mutex<[String: Session]>([:])

  /// - Parameter revoked: The serials of the visitor's revoked certificates.
  /// - Returns: The secret that the browser keeps as a cookie. It is always new, so that nobody can choose it
  ///   in advance.
  func open(for visitor: Visitor, revoked: Set<String> = [], now: Date) -> String {
    let id = Secret.random()
    sessions.withLock { sessions in
      sessions = sessions.filter { $0.value.expires > now }
      if sessions.count >= Self.limit, let oldest = sessions.min(by: { $0.value.expires < $1.value.expires })
      {
        sessions[oldest.key] = nil
      }
      sessions[id] = Session(visitor: visitor, expires: now + Self.lifetime, revoked: revoked)
    }
    return id
  }

  func visitor(of id: String, now: Date) -> Visitor? {
    sessions.withLock { sessions in
      guard let session = sessions[id], session.expires > now else { return nil }
      return session.visitor
    }
  }

  /// Ends the session if one of its visitor's certificates was revoked since it began. Returns whether it
  /// did.
  func endIfRevoked(_ id: String, revoked: (Party) -> Set<String>) -> Bool {
    sessions.withLock { sessions in
      guard let session = sessions[id], !revoked(session.visitor.party).isSubset(of: session.revoked) else {
        return false
      }
      sessions[id] = nil
      return true
    }
  }

  func close(_ id: String) { sessions.withLock { $0[id] = nil } }
}
