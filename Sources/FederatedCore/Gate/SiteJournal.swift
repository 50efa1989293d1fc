/// A site's durable store of its answers. After a crash of the site or of the coordinator, the stored answers
/// are used again: no training is repeated, and no result changes.
///
/// A site answers one question of each kind in each round, and keeps the digests of the question and of its
/// answer for ever. An answer is stored together with the stage's memory after it, and only then sent. A
/// coordinator that lost the answer assigns the work again and receives the same answer. Only the
/// ``ReleaseGate`` stores answers and reads them back.
public protocol SiteJournal: Sendable {
  /// Permanently records the question that belongs to this round and kind. Called before the site works on
  /// the question.
  ///
  /// - Throws: ``ConsiliumError``: a ``QuestionRefusal`` if a different question was recorded for this round
  ///   and kind; `.storage` if the question cannot be recorded.
  func claim(_ assignment: Assignment) async throws

  /// The answer that was stored for exactly this assignment, with the same id and message; `nil` if there is
  /// none.
  func answer(to assignment: Assignment) async throws -> StageMessage?

  /// The stage's memory at this site, from which the assignment starts: the memory after the site's last
  /// accepted answer, or after an earlier stage or question of the same round. `nil` if nothing was stored.
  /// Called only if the stage keeps a memory.
  ///
  /// - Throws: ``ConsiliumError``: `.invalidInput` if the memory of that time no longer exists, so that the
  ///   study must be started over; `.storage` if the memory cannot be read.
  func memory(before assignment: Assignment) async throws -> NamedParts?

  /// Permanently records the host's reply to a frame of a streamed question. Called before the site uses the
  /// reply.
  ///
  /// - Returns: `false` if this frame of this question had a different reply before.
  /// - Throws: ``ConsiliumError`` with code `.storage` if the reply cannot be recorded.
  func pin(_ reply: StageMessage, to frame: Int, of assignment: Assignment) async throws -> Bool

  /// Stores an answer and the stage's memory after it as one unit: a crash never leaves only one of the two.
  ///
  /// - Returns: The answer to release. If the question was answered before, this is exactly that answer.
  /// - Throws: ``ConsiliumError``: a ``QuestionRefusal`` if the answer differs from the one that was given
  ///   before; `.storage` if the answer cannot be stored.
  func keep(_ answer: StageMessage, to assignment: Assignment, memory: NamedParts) async throws
    -> StageMessage
}
