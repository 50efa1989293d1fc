import FederatedCore

extension ConsiliumError {
  /// What of a failure at this site others may know: its kind. Its words may name files, and with them patients; they stay in the agent's log.
  var outward: ConsiliumError {
    let what =
      switch code {
      case .storage: "a file or the disk could not be used"
      case .invalidInput: "its data or settings could not be used"
      default: "the engine failed"
      }
    return ConsiliumError(code, what + "; the agent's log at the site says more")
  }
}
