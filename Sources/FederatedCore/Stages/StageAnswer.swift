/// A site's answer to an assignment, which its gate has released.
public enum StageAnswer: Sendable {
  case message(Released<StageMessage>)
  case failure(Released<ConsiliumError>)
}

/// A site's answer as it came to the coordinator of the stage.
public enum ReceivedAnswer: Sendable {
  case message(ReceivedMessage)
  case failure(ConsiliumError)

  /// The answer of a site in this process.
  public init(_ answer: StageAnswer) {
    switch answer {
    case .message(let released): self = .message(ReceivedMessage(released))
    case .failure(let released): self = .failure(released.content)
    }
  }
}

/// A message as it came to the coordinator, where nobody can know that a gate released it.
public struct ReceivedMessage: Sendable {
  public let message: StageMessage
  /// The digest of the file in which each tensor came, in hexadecimal, by the tensor's name; empty for a
  /// message of this process.
  public let files: [String: String]
  /// Whether a gate in this process or the stage has checked the values, so that they need no second look.
  private(set) var isChecked: Bool

  /// The message of a site in this process.
  public init(_ released: Released<StageMessage>) {
    message = released.content
    files = [:]
    isChecked = true
  }

  /// A message that came over a network.
  public init(_ message: StageMessage, files: [String: String]) {
    self.message = message
    self.files = files
    isChecked = false
  }

  /// The message once its stage has checked it.
  public var checked: ReceivedMessage {
    var message = self
    message.isChecked = true
    return message
  }
}
