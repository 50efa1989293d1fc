import Reporting

/// A state as a word and a symbol, so that it can be recognised without colour.
struct Sign {
  /// The colour of a state.
  enum Tone: String { case good, fine, busy, warning, bad, quiet }

  var shape: String
  var word: String
  var tone: Tone

  var markup: Markup {
    tag("span", ["class": "sign \(tone.rawValue)"]) {
      tag("span", ["aria-hidden": "true", "class": "shape"]) { shape }
      word
    }
  }
}

extension ShownStudyState {
  /// The state with a capital letter, as in tables and commands.
  public var title: String {
    switch self {
    case .proposed: "Proposed"
    case .ready: "Ready to start"
    case .queued: "Queued"
    case .rehearsing: "Rehearsing"
    case .running: "Running"
    case .paused: "Paused"
    case .finished: "Finished"
    case .partial: "Incomplete"
    case .aborted: "Aborted"
    case .failed: "Failed"
    }
  }

  /// The meaning of the state, for someone who sees it for the first time.
  var explanation: String {
    switch self {
    case .proposed: "The sites read the study, and sign or decline. Training cannot start before that."
    case .ready:
      "All required sites have signed. The study lead starts the study with the command 'consilium study start', which signs the start."
    case .queued: "Started, and waiting for another study to end."
    case .rehearsing: "The sites check their data and machines before the first round."
    case .running: "The sites train and exchange models."
    case .paused: "No new round begins until someone resumes the study. Nothing is lost."
    case .finished: "Every round is complete, with every required site."
    case .partial:
      "Ended without a site or a round that the study requires. Its model is not the one that was agreed on."
    case .aborted: "Ended permanently before the last round."
    case .failed: "An error ended the study. The coordinator's log has the details."
    }
  }

  var sign: Sign {
    let (shape, tone): (String, Sign.Tone) =
      switch self {
      case .proposed: ("○", .quiet)
      case .ready: ("◎", .quiet)
      case .queued: ("…", .quiet)
      case .rehearsing, .running: ("▶\u{FE0E}", .busy)
      case .paused: ("‖", .warning)
      case .finished: ("✓", .good)
      case .partial: ("◐", .warning)
      case .aborted: ("■", .bad)
      case .failed: ("✕", .bad)
      }
    return Sign(shape: shape, word: title, tone: tone)
  }
}

extension SiteLine.Link {
  /// The connection state as in tables and commands.
  public var title: String {
    switch self {
    case .connected: "Connected"
    case .away: "Away"
    case .never: "Never connected"
    case .revoked: "Revoked"
    }
  }

  var sign: Sign {
    switch self {
    case .connected: Sign(shape: "●", word: title, tone: .good)
    case .away: Sign(shape: "○", word: title, tone: .warning)
    case .never: Sign(shape: "–", word: title, tone: .quiet)
    case .revoked: Sign(shape: "✕", word: title, tone: .bad)
    }
  }
}

extension AgreementLine.Decision {
  var sign: Sign {
    switch self {
    case .signed: Sign(shape: "✓", word: "Signed", tone: .good)
    case .declined: Sign(shape: "✕", word: "Declined", tone: .bad)
    case .waiting: Sign(shape: "…", word: "Not yet", tone: .quiet)
    }
  }
}

extension ReadinessLine.Verdict {
  func sign(_ finding: String) -> Sign {
    switch self {
    case .good: Sign(shape: "✓", word: finding, tone: .fine)
    case .warning: Sign(shape: "!", word: finding, tone: .warning)
    case .bad: Sign(shape: "✕", word: finding, tone: .bad)
    }
  }
}

extension LiveRound.Stage {
  var sign: Sign {
    switch self {
    case .waiting: Sign(shape: "…", word: "Waiting", tone: .quiet)
    case .downloading: Sign(shape: "↓", word: "Receiving the model", tone: .busy)
    case .training: Sign(shape: "▶\u{FE0E}", word: "Training", tone: .busy)
    case .uploading: Sign(shape: "↑", word: "Sending its update", tone: .busy)
    case .validating: Sign(shape: "▷", word: "Validating", tone: .busy)
    case .finished: Sign(shape: "✓", word: "Done", tone: .good)
    case .dropped: Sign(shape: "✕", word: "Dropped", tone: .bad)
    }
  }
}
