extension ConsiliumError: Releasable {
  /// The part of a failure that leaves the site: only its kind, with advice if the study lead can act on the
  /// failure.
  ///
  /// The original message stays in the site's own log, since it can name files, and file names may identify
  /// patients.
  public func released(by rules: ReleaseRules) -> ConsiliumError {
    guard code != .cancelled else { return ConsiliumError(code, "stopped") }
    let what =
      switch code {
      // Rebuild the text from its numbers, in case an engine added other words to the message.
      case .diverged: Divergence(reading: message).description
      case .memory:
        "its memory is too small for a batch of the study; lower the batch size (training.batch-size), "
          + "use smaller images or patches, or give the site's engine more memory"
      case .storage: "a file or the disk could not be used"
      case .invalidInput: "its data or settings could not be used"
      default: "the engine failed"
      }
    let ending = code == .diverged ? "" : "; the agent's log at the site has the details"
    return ConsiliumError(code, what + ending)
  }
}
