/// The error of a conversation of frames that must start again from its first frame, because the process at one
/// of its ends exited.
///
/// The work at both ends is deterministic, so the repeated conversation has the same frames and replies.
public struct BrokenConversation: Error {
  /// The error that broke the conversation. It is reported if the conversation breaks too often.
  public let cause: ConsiliumError

  /// The number of attempts at one conversation, after which its error is final.
  public static let mostAttempts = 3

  public init(_ cause: ConsiliumError) { self.cause = cause }
}
