extension ConsiliumError: Releasable {
  /// Only the kind of a failure leaves, with advice if the study's lead can act on it.
  ///
  /// The message itself may name files, and with them patients. It stays in the site's own log.
  public func released(by rules: ReleaseRules) -> ConsiliumError {
    guard code != .cancelled else { return ConsiliumError(code, "stopped") }
    let what =
      switch code {
      // Written anew from its numbers, in case an engine adds other words to the message.
      case .diverged: Divergence(reading: message).description
      case .memory:
        "its memory is too small for a batch of the study; lower the batch size (training.batch-size), "
          + "use smaller images or patches, or give the site's engine more memory"
      case .storage: "a file or the disk could not be used"
      case .invalidInput: "its data or settings could not be used"
      default: "the engine failed"
      }
    let ending = code == .diverged ? "" : "; the agent's log at the site says more"
    return ConsiliumError(code, what + ending)
  }
}
