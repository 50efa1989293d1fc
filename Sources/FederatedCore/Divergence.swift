/// A description of training that has diverged: the quantity that is infinite or not a number, the round and
/// the step.
///
/// The text consists of fixed words, a round and a step, so it may leave the site.
public struct Divergence: Hashable, Sendable, CustomStringConvertible {
  /// The quantity that is infinite or not a number.
  public enum Subject: String, CaseIterable, Sendable {
    case loss = "the training loss is not a number"
    /// The weights after a site's training. An update from these weights never leaves the site.
    case update = "the trained weights are infinite or not a number"
    /// The weights after a site's training are so large that the coordinator would refuse the update.
    case range = "the trained weights have values beyond 1e12"
    case output = "the model gives values that are not numbers, so its training has diverged"
  }

  public var subject: Subject
  public var round: Int?
  /// The step within the round, counted from 1.
  public var step: Int?

  public init(_ subject: Subject, round: Int? = nil, step: Int? = nil) {
    self.subject = subject
    self.round = round
    self.step = step
  }

  /// The divergence that a message describes. Ignores all other text in the message.
  public init(reading message: String) {
    subject = Subject.allCases.first { message.contains($0.rawValue) } ?? .output
    round = Self.number(after: "in round ", in: message)
    step = round == nil ? nil : Self.number(after: "at step ", in: message)
  }

  public var description: String {
    var words = subject.rawValue
    if let round { words += " in round \(round)" }
    if let step { words += " at step \(step)" }
    if subject == .update || subject == .range { words += ", and the update was not sent" }
    return words
      + "; lower the learning rate (training.optimizer.learning-rate) or set gradient-clip "
      + "(training.gradient-clip)"
  }

  private static func number(after words: String, in message: String) -> Int? {
    guard let place = message.firstRange(of: words) else { return nil }
    return Int(message[place.upperBound...].prefix { $0.isASCII && $0.isNumber }.prefix(9))
  }
}

extension ConsiliumError {
  public init(_ divergence: Divergence) { self.init(.diverged, divergence.description) }
}
