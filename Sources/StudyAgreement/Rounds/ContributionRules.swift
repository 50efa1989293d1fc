import Credentials
import FederatedCore
import Foundation

/// What a site's signed statement must say for its contribution to count in a round.
///
/// There is one implementation: the coordinator applies these rules before it accepts a contribution,
/// ``ManifestChain`` applies them afterwards, and a site can apply them to the contributions of others.
/// Nobody therefore commits what somebody else refuses.
public struct ContributionRules: Sendable, Equatable {
  /// The largest weight and the largest number of examples that count. No site has as many examples.
  public static let largestCount = 1 << 40

  /// The study's digest.
  public var study: String
  public var arm: String
  /// The round's number, counted from 1.
  public var round: Int
  /// The digest of the file of the model from which each stage begins, by stage. A stage without a digest
  /// may begin from any model.
  public var bases: [Int: String]
  /// The digest of the file of the strategy's message with which the round begins; `nil` if there is none, or if
  /// an earlier version signed the round.
  public var message: String?
  /// Whether the round is one of a ring by the rules of this version, in which each statement must name the model
  /// that the contribution makes.
  public var statesResults: Bool
  /// The study's weighting; `nil` if the study is not known.
  public var weighting: WeightRule?
  /// Whether a statement must name an entry of its site's audit log. Those of version 0.1 name none.
  public var isAnchored: Bool

  public init(
    study: String, arm: String, round: Int, bases: [Int: String], message: String? = nil,
    weighting: WeightRule?, isAnchored: Bool = true, statesResults: Bool = false
  ) {
    self.study = study
    self.arm = arm
    self.round = round
    self.bases = bases
    self.message = message
    self.statesResults = statesResults
    self.weighting = weighting
    self.isAnchored = isAnchored
  }

  /// The problems of a contribution; empty if it counts.
  ///
  /// - Parameter date: The current date, for a signature that states no time.
  public func faults(
    of signed: Signed<ContributionStatement>, by authority: Authority, at date: Date
  ) -> [ManifestFault] {
    let statement = signed.statement
    var faults: [ManifestFault] = []
    func add(_ kind: ManifestFault.Kind, _ message: String) {
      faults.append(
        ManifestFault(
          round: round, kind: kind, message: "the contribution of site '\(statement.site)' \(message)"))
    }
    if let words = foreignness(of: statement) { add(.foreign, words) }
    if let words = objection(toWeightOf: statement) { add(.implausible, words) }
    // Between the stages of a round there are models that never were the global model.
    if let base = bases[statement.stage], statement.base != base {
      add(.implausible, "was trained from a different model than the round began with")
    }
    if statement.message != message {
      add(.implausible, "was trained with a different message of the strategy than the round began with")
    }
    if statesResults, statement.result == nil {
      add(
        .implausible,
        "does not state the model that it makes, which the next site of the ring must verify; install this version of "
          + "Consilium at the site")
    }
    if isAnchored, !(statement.auditHead.map(Self.isPossible) ?? false) {
      add(.unanchored, "names no entry of the site's audit log")
    }
    do throws(ConsiliumError) {
      try signed.verify(
        by: authority, from: Party(role: .site, name: statement.site.rawValue), at: date)
    } catch {
      add(.unsigned, "is invalid: \(error.message)")
    }
    return faults
  }

  private static func isPossible(_ anchor: AuditAnchor) -> Bool { AuditAnchor("\(anchor)") == anchor }

  private func foreignness(of statement: ContributionStatement) -> String? {
    guard statement.study == study else { return "is of another study, arm or round: its study differs" }
    guard statement.arm == arm, statement.round == round else {
      return "is of another study, arm or round: it is of round \(statement.round) of arm "
        + "'\(statement.arm)'; expected round \(round) of arm '\(arm)'"
    }
    return nil
  }

  private func objection(toWeightOf statement: ContributionStatement) -> String? {
    let (weight, examples) = (statement.weight, statement.examples)
    guard (0...Self.largestCount).contains(examples) else {
      return "has \(examples) training examples; expected 0 to \(Self.largestCount)"
    }
    guard weight > 0, weight <= Double(Self.largestCount) else {
      return "has the weight \(weight); expected more than 0 and at most \(Self.largestCount)"
    }
    return weighting?.objection(to: weight, ofExamples: examples)
  }
}
