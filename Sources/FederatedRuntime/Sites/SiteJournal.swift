import FederatedCore

/// What a site keeps on its disk, so that a crash at either end repeats no training and changes no result.
///
/// An answer and the strategy's state after it are kept together before the answer is sent. A coordinator that lost the answer
/// assigns the work again and gets the same one.
public protocol SiteJournal<Payload>: Sendable {
  associatedtype Payload: ParameterGroup

  /// The answer that was kept for this very assignment: the same id, work and model.
  func answer(to assignment: Assignment) async throws -> SiteAnswer<Payload>?

  /// The strategy's state from which the assignment starts: that after the site's last update that counted, or after an earlier stage
  /// of the same round; nil where there was none. Asked only where the strategy keeps a state at the sites.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage` where the state of that time is no longer there.
  func state(before assignment: Assignment) async throws -> NamedParts?

  /// Keeps an answer with the state after it, both or neither.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  func keep(_ answer: SiteAnswer<Payload>, to assignment: Assignment, state: NamedParts) async throws
}
