import Credentials
import FederatedCore
import Foundation

extension ManifestChain {
  /// Checks that each contribution occurs once and is exactly what its site signed for this round.
  func checkContributions(
    of manifest: RoundManifest, _ authority: Authority, at date: Date, _ review: inout ManifestReview
  ) {
    var places: Set<String> = []
    for signed in manifest.contributions {
      let contribution = signed.statement
      let name = "the contribution of site '\(contribution.site)'"
      if contribution.study != manifest.study || contribution.arm != manifest.arm
        || contribution.round != manifest.round
      {
        review.add(.foreign, "\(name) is of another study, arm or round", round: manifest.round)
      }
      if !places.insert("\(contribution.stage)/\(contribution.site)").inserted {
        review.add(.implausible, "\(name) occurs twice in stage \(contribution.stage)", round: manifest.round)
      }
      if !(contribution.weight.isFinite && contribution.weight > 0) || contribution.examples < 0 {
        review.add(.implausible, "\(name) has the weight \(contribution.weight)", round: manifest.round)
      }
      // Only stage 0 starts from the global model; later stages start from an intermediate model that never
      // was the global model.
      if contribution.stage == 0, contribution.base != manifest.fileBefore {
        review.add(
          .implausible, "\(name) was trained from a different model than the round began with",
          round: manifest.round)
      }
      do throws(ConsiliumError) {
        try signed.verify(
          by: authority, from: Party(role: .site, name: contribution.site.rawValue), at: date)
      } catch {
        review.add(.unsigned, "\(name) is invalid: \(error.message)", round: manifest.round)
      }
    }
  }
}
