/// A site's answer to an assignment, which its gate has released.
public enum StageAnswer: Sendable {
  case message(Released<StageMessage>)
  case failure(Released<ConsiliumError>)
}

/// A site's answer as the stage's coordinator received it.
public enum ReceivedAnswer: Sendable {
  case message(ReceivedMessage)
  case failure(ConsiliumError)

  /// Creates a received answer from the answer of a site in this process.
  public init(_ answer: StageAnswer) {
    switch answer {
    case .message(let released): self = .message(ReceivedMessage(released))
    case .failure(let released): self = .failure(released.content)
    }
  }
}

/// A message as the coordinator received it. The coordinator cannot know whether a gate released it.
public struct ReceivedMessage: Sendable {
  public let message: StageMessage
  /// The digest of each tensor's file, in hexadecimal, by the tensor's name. Empty for a message from this
  /// process.
  public let files: [String: String]
  /// Whether the values have already been checked, by a gate in this process or by the stage.
  private(set) var isChecked: Bool
  /// The message that the host of a streamed question adds to the site's answer; `nil` without a stream.
  public var hostHalf: StageMessage?

  /// Creates a received message from the message of a site in this process.
  public init(_ released: Released<StageMessage>) {
    message = released.content
    files = [:]
    isChecked = true
  }

  /// Creates a received message from a message that came over a network.
  public init(_ message: StageMessage, files: [String: String]) {
    self.message = message
    self.files = files
    isChecked = false
  }

  /// The message, marked as checked by its stage.
  public var checked: ReceivedMessage {
    var message = self
    message.isChecked = true
    return message
  }
}
