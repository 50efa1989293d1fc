import Credentials
import FederatedCore
import Foundation

extension ContributionRules {
  /// The problems of a round's contributions, in the order in which they were added to the model; empty if all
  /// of them count.
  ///
  /// In a ring, each contribution must begin with the model that the contribution before it makes. A manifest, and
  /// the site to which a ring passes its model, are checked with this one function.
  ///
  /// - Parameter date: The current date, for a signature that states no time.
  public func faults(
    ofAll contributions: [Signed<ContributionStatement>], by authority: Authority, at date: Date
  ) -> [ManifestFault] {
    var (rules, faults) = (self, [ManifestFault]())
    var places: Set<String> = []
    var last: ContributionStatement?
    for signed in contributions {
      let contribution = signed.statement
      if contribution.result != nil, last?.stage != contribution.stage {
        // The sites of the first stages may have been dropped.
        rules.bases[contribution.stage] = last.map(\.result) ?? bases[0]
      }
      faults += rules.faults(of: signed, by: authority, at: date)
      // All sites of a stage train from the same model. Statements of earlier versions do not name the model
      // with which the next stage begins.
      rules.bases[contribution.stage] = rules.bases[contribution.stage] ?? contribution.base
      if !places.insert("\(contribution.stage)/\(contribution.site)").inserted {
        faults.append(
          ManifestFault(
            round: round, kind: .implausible,
            message:
              "the contribution of site '\(contribution.site)' occurs twice in stage \(contribution.stage)"))
      }
      if let last, let words = Self.disorder(of: contribution, after: last) {
        faults.append(ManifestFault(round: round, kind: .reordered, message: words))
      }
      last = contribution
    }
    return faults
  }

  /// What is wrong with the order of two contributions of a ring, whose sites train in the order of their names;
  /// `nil` if nothing is, or if the statements do not name their models.
  private static func disorder(of next: ContributionStatement, after last: ContributionStatement) -> String? {
    guard next.result != nil, last.result != nil else { return nil }
    guard next.stage <= last.stage || next.site <= last.site else { return nil }
    return
      "site '\(next.site)' trained in stage \(next.stage + 1), after site '\(last.site)' in stage \(last.stage + 1); a ring "
      + "follows the order of the sites' names"
  }
}
