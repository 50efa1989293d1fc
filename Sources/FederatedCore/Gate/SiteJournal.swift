/// What a site keeps on its disk, so that a crash at either end repeats no training and changes no result.
///
/// An answer and the site's memory after it are kept together before the answer is sent. A coordinator that
/// lost it assigns the work again and gets the same answer. Only the ``ReleaseGate`` asks for kept answers and
/// has them kept.
public protocol SiteJournal: Sendable {
  /// The answer that was kept for this very assignment: the same id and message.
  func answer(to assignment: Assignment) async throws -> StageMessage?

  /// The site's memory from which the assignment starts: that after the site's last answer that counted, or
  /// after an earlier stage or question of the same round; `nil` if there was none. Asked only if the stage
  /// keeps a memory.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage` if the memory of that time is no longer there.
  func memory(before assignment: Assignment) async throws -> NamedParts?

  /// Keeps an answer with the memory after it, both or neither.
  ///
  /// - Throws: ``ConsiliumError`` with code `.storage`.
  func keep(_ answer: StageMessage, to assignment: Assignment, memory: NamedParts) async throws
}
