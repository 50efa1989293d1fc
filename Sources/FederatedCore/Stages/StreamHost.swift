/// The coordinator's half of one streamed question to one site, for example the middle layers of a split
/// model.
///
/// If a conversation breaks, it starts again with a new host and frame 0. The frames are not stored: only the
/// site's answer and the message that the host adds to it have an effect.
public protocol StreamHost: Sendable {
  /// Replies to the site's next frame. Frames arrive in order, one at a time.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the site sent an impossible frame;
  ///   ``BrokenConversation`` if the conversation must start again; all other errors are failures of the host.
  func reply(to frame: StageMessage) async throws -> StageMessage

  /// Ends the conversation and returns what the host adds to the site's answer. Called once, after the answer
  /// has passed the stage's check.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if the conversation is incomplete.
  func finish() async throws -> StageMessage
}
