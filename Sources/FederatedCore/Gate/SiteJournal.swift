/// What a site keeps on its disk, so that a crash at either end repeats no training and changes no result.
///
/// An update and the strategy's state after it are kept together before the update is sent. A coordinator
/// that lost it assigns the work again and gets the same update. Only the ``ReleaseGate`` asks for kept
/// updates and has them kept.
public protocol SiteJournal<Payload>: Sendable {
  associatedtype Payload: ParameterGroup

  /// The update that was kept for this very assignment: the same id, work and model.
  func update(for assignment: Assignment) async throws -> SiteUpdate<Payload>?

  /// The strategy's state from which the assignment starts: that after the site's last update that counted,
  /// or after an earlier stage of the same round; `nil` if there was none. Asked only if the strategy keeps a
  /// state at the sites.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage` if the state of that time is no longer there.
  func state(before assignment: Assignment) async throws -> NamedParts?

  /// Keeps an update with the state after it, both or neither.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  func keep(_ update: SiteUpdate<Payload>, to assignment: Assignment, state: NamedParts) async throws
}
