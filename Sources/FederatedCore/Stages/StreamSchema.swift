/// The frames and replies that a site and the host of a streamed question may exchange while the site works
/// on the question, and their maximum number.
public struct StreamSchema: Sendable {
  /// The permitted content of the site's frames, one schema per kind.
  public let frames: [MessageSchema]
  /// The permitted content of the replies, one schema per kind.
  public let replies: [MessageSchema]
  /// The maximum number of frames of one question. Both ends enforce it.
  public let mostFrames: Int

  public init(frames: [MessageSchema], replies: [MessageSchema], mostFrames: Int) {
    self.frames = frames
    self.replies = replies
    self.mostFrames = mostFrames
  }

  /// Refuses a frame with undeclared content, and a frame beyond the maximum number.
  ///
  /// - Parameter number: The frame's position in the conversation, from 0.
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate`.
  public func check(frame: StageMessage, number: Int) throws(ConsiliumError) {
    guard number < mostFrames else {
      throw frame.fault("it is frame \(number + 1) of a question with at most \(mostFrames)")
    }
    try Self.check(frame, frames)
  }

  /// Refuses a reply with undeclared content.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate`.
  public func check(reply: StageMessage) throws(ConsiliumError) { try Self.check(reply, replies) }

  private static func check(_ message: StageMessage, _ schemas: [MessageSchema]) throws(ConsiliumError) {
    guard let schema = schemas.first(where: { $0.kind == message.kind }) else {
      let kinds = schemas.map { "'\($0.kind)'" }.joined(separator: ", ")
      throw message.fault("expected one of the kinds \(kinds)")
    }
    try schema.check(message)
    if let name = message.tensors.first(where: { $0.value.isParameters })?.key {
      throw message.fault("the tensor '\(name)' has the shape of a model, which no frame can hold")
    }
  }
}
