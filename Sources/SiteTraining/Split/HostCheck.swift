import FederatedCore

/// A site's check of the host of a split model: the site computes the middle itself as well, up to a secret step,
/// and compares every reply.
///
/// Training is deterministic, so an honest host with the same instruction set and number of threads sends the same
/// bits. A host that steers the site's layers by gradients of its own making does not know when the site stops
/// comparing, and is caught in its first turn unless it begins after that step.
final class HostCheck {
  /// The middle as the site computes it; `nil` after the last step to compare.
  private var own: MiddleSession?
  private var steps: Int

  /// - Parameters:
  ///   - steps: The number of steps to compare, from the first; a secret of the site.
  ///   - own: A session like that of the host.
  init(steps: Int, own: MiddleSession) {
    self.steps = steps
    self.own = own
  }

  /// Compares the host's reply to a frame with the site's own.
  ///
  /// - Throws: ``ConsiliumError`` with code `.invalidUpdate` if they differ.
  func compare(_ reply: StageMessage, to frame: StageMessage) throws {
    guard let own else { return }
    guard try own.reply(to: frame).exactBytes == reply.exactBytes else {
      throw ConsiliumError(
        .invalidUpdate,
        "the host of the middle of the model sent something else than the middle computes; the site stops. If the host "
          + "is honest, its processor or its number of threads differs from the site's")
    }
    try own.workAfterReply()
    guard frame.kind == .upGradient else { return }
    steps -= 1
    if steps == 0 { self.own = nil }
  }
}
