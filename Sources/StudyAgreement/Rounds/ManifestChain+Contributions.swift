import Credentials
import FederatedCore
import Foundation

extension ManifestChain {
  /// Checks that each contribution occurs once and is exactly what its site signed for this round, and that a
  /// ring's contributions lead to the model after the round.
  func checkContributions(
    of manifest: RoundManifest, _ authority: Authority, at date: Date, _ review: inout ManifestReview
  ) {
    guard let last = manifest.contributions.last?.statement else {
      return review.add(.missing, "the round has no contribution", round: manifest.round)
    }
    let isRing = manifest.contributions.contains { $0.statement.stage > 0 }
    let rules = ContributionRules(
      study: manifest.study, arm: manifest.arm, round: manifest.round, bases: [0: manifest.fileBefore],
      message: manifest.messageBefore, weighting: weighting, isAnchored: manifest.isAnchored,
      statesResults: isRing && manifest.isCompleteRecord)
    review.faults += rules.faults(ofAll: manifest.contributions, by: authority, at: date)
    // Only the model's file proves a result, and a draft that is checked before its commit has none yet.
    if let result = last.result, !manifest.fileAfter.isEmpty, result != manifest.fileAfter {
      review.add(
        .implausible,
        "the contribution of site '\(last.site)' makes a different model than the round ended with",
        round: manifest.round)
    }
  }
}
