import FederatedCore

/// How far each site's update changed a single value of the model at most in one round.
struct RoundChanges: Sendable, Equatable {
  /// How much further than all others an update must go to be suspected.
  private static let suspiciousFactor: Float = 1000

  var round = 0
  /// By site; empty if the sites are in this process.
  var largest: [SiteID: Float] = [:]

  /// The site whose update is the likely reason why training diverges after this round; `nil` if no update
  /// stands out.
  ///
  /// A site that reports that its training diverged is usually not the site that caused it.
  var suspicion: String? {
    let order = largest.sorted { ($0.value, $1.key) > ($1.value, $0.key) }
    guard order.count > 1, order[0].value > Self.suspiciousFactor * order[1].value else { return nil }
    return
      "in round \(round), the update of site '\(order[0].key)' changed values by up to \(order[0].value), and those of all "
      + "other sites by at most \(order[1].value), so it is the likely cause"
  }

  /// Adds the suspicion to an error that a divergence caused; other errors stay unchanged.
  func explaining(_ error: ConsiliumError) -> ConsiliumError {
    guard error.code == .partial, (error.cause as? ConsiliumError)?.code == .diverged, let suspicion else {
      return error
    }
    return ConsiliumError(error.code, "\(error.message); \(suspicion)", cause: error.cause)
  }
}
