import Credentials
import FederatedCore
import Foundation

extension ManifestChain {
  /// Checks that each contribution occurs once and is exactly what its site signed for this round.
  func checkContributions(
    of manifest: RoundManifest, _ authority: Authority, at date: Date, _ review: inout ManifestReview
  ) {
    if manifest.contributions.isEmpty {
      review.add(.missing, "the round has no contribution", round: manifest.round)
    }
    var places: Set<String> = []
    var rules = ContributionRules(
      study: manifest.study, arm: manifest.arm, round: manifest.round, bases: [0: manifest.fileBefore],
      weighting: weighting, isAnchored: manifest.isAnchored)
    for signed in manifest.contributions {
      let contribution = signed.statement
      review.faults += rules.faults(of: signed, by: authority, at: date)
      // All sites of a stage train from the same model, also if it never was the global model.
      rules.bases[contribution.stage] = rules.bases[contribution.stage] ?? contribution.base
      if !places.insert("\(contribution.stage)/\(contribution.site)").inserted {
        review.add(
          .implausible,
          "the contribution of site '\(contribution.site)' occurs twice in stage \(contribution.stage)",
          round: manifest.round)
      }
    }
  }
}
