import Credentials
import FederatedCore
import Foundation

/// The manifests of one arm of one study, round by round.
public struct ManifestChain: Sendable, Equatable {
  /// The study's digest.
  public var study: String
  public var arm: String
  public var manifests: [Signed<RoundManifest>]
  /// The sites that the study requires; `nil` to use the sites that the manifests state.
  public var required: [SiteID]?
  /// The study's weighting in the arm; `nil` if the study is not known.
  public var weighting: WeightRule?

  public init(
    study: String, arm: String, manifests: [Signed<RoundManifest>], required: [SiteID]? = nil,
    weighting: WeightRule? = nil
  ) {
    self.study = study
    self.arm = arm
    self.manifests = manifests
    self.required = required
    self.weighting = weighting
  }

  /// Verifies every signature and the links between the rounds.
  ///
  /// - Parameters:
  ///   - date: The current date, for signatures that state no time.
  ///   - start: The model that the manifests must follow; `nil` if they begin with round 1, from any model.
  public func verify(by authority: Authority, at date: Date, after start: ChainLink? = nil)
    -> ManifestReview
  {
    var review = ManifestReview()
    checkOrder(after: start?.round ?? 0, &review)
    var (previous, link): (RoundManifest?, ChainLink?) = (nil, start)
    for signed in manifests.sorted(by: { $0.statement.round < $1.statement.round }) {
      let manifest = signed.statement
      checkSignature(of: signed, authority, at: date, &review)
      check(manifest, after: previous, link, authority, at: date, &review)
      let missing = missingSites(of: manifest)
      if !missing.isEmpty { review.partialRounds.append(.init(round: manifest.round, missing: missing)) }
      (previous, link) = (manifest, try? ChainLink(manifest))
    }
    return review
  }

  /// The problems of a round that is to follow this chain, by the rules of ``verify(by:at:)``; empty if the
  /// chain stays genuine with it.
  ///
  /// The coordinator calls this before it commits and signs a round. A site can call it with each manifest
  /// that it receives, and need not verify the rounds before again.
  public func faults(
    ofNext manifest: RoundManifest, by authority: Authority, at date: Date
  ) -> [ManifestFault] {
    var review = ManifestReview()
    let last = manifests.last?.statement
    let expected = (last?.round ?? 0) + 1
    if manifest.round != expected {
      review.add(.missing, "the chain continues with round \(expected)", round: manifest.round)
    }
    check(manifest, after: last, last.flatMap { try? ChainLink($0) }, authority, at: date, &review)
    return review.faults
  }

  /// As ``faults(ofNext:by:at:)``, for a manifest that a coordinator has signed.
  public func faults(
    ofNext signed: Signed<RoundManifest>, by authority: Authority, at date: Date
  ) -> [ManifestFault] {
    var review = ManifestReview()
    checkSignature(of: signed, authority, at: date, &review)
    return review.faults + faults(ofNext: signed.statement, by: authority, at: date)
  }

  /// Checks everything in a round except the coordinator's signature.
  private func check(
    _ manifest: RoundManifest, after previous: RoundManifest?, _ link: ChainLink?, _ authority: Authority,
    at date: Date, _ review: inout ManifestReview
  ) {
    checkPlace(of: manifest, after: previous, link, &review)
    checkContributions(of: manifest, authority, at: date, &review)
  }

  /// The allowed numbers of rounds. A manifest could hold any number; this limit keeps arithmetic from
  /// overflowing.
  private static let rounds = 1...1 << 40

  private func missingSites(of manifest: RoundManifest) -> [SiteID] {
    let present = Set(manifest.contributions.map(\.statement.site))
    return (required ?? manifest.required).filter { !present.contains($0) }.sorted()
  }

  private func checkOrder(after first: Int, _ review: inout ManifestReview) {
    let rounds = manifests.map(\.statement.round)
    if rounds.isEmpty { review.add(.missing, "there are no manifests") }
    var seen: Set<Int> = []
    var last = 0
    for round in rounds {
      if !seen.insert(round).inserted {
        review.add(.duplicated, "the round has more than one manifest", round: round)
      } else if round < last {
        review.add(.reordered, "the manifest comes after that of round \(last)", round: round)
      } else if !Self.rounds.contains(round) {
        review.add(.foreign, "rounds must be between 1 and \(Self.rounds.upperBound)", round: round)
      }
      last = max(last, round)
    }
    var expected = first + 1
    for round in seen.sorted() where Self.rounds.contains(round) {
      if round > expected {
        let words = round - expected == 1 ? "round \(expected)" : "rounds \(expected) to \(round - 1)"
        review.add(
          .missing, "\(words) before it \(round - expected == 1 ? "has" : "have") no manifest", round: round)
      }
      expected = round + 1
    }
  }

  private func checkSignature(
    of signed: Signed<RoundManifest>, _ authority: Authority, at date: Date, _ review: inout ManifestReview
  ) {
    do throws(ConsiliumError) {
      try signed.verify(by: authority, role: .coordinator, at: date)
    } catch {
      review.add(.forged, error.message, round: signed.statement.round)
    }
  }

  private func checkPlace(
    of manifest: RoundManifest, after previous: RoundManifest?, _ link: ChainLink?,
    _ review: inout ManifestReview
  ) {
    let round = manifest.round
    if manifest.study != study || manifest.arm != arm {
      review.add(.foreign, "the manifest is of another study or arm", round: round)
    }
    if let required, Set(required) != Set(manifest.required) {
      review.add(.requirement, "the manifest requires different sites from the study", round: round)
    } else if let previous, Set(previous.required) != Set(manifest.required) {
      review.add(.requirement, "the manifest requires different sites from the previous round", round: round)
    }
    // If the previous manifest is missing, this manifest cannot be compared with it.
    guard Self.rounds.contains(round), round - 1 == link?.round ?? 0 else { return }
    if !(link?.precedes(manifest.previous) ?? (manifest.previous == nil)) {
      review.add(
        .broken, "the manifest follows a different one than that of round \(round - 1) here", round: round)
    }
    if let link, (manifest.modelBefore, manifest.fileBefore) != (link.model, link.file) {
      let before = link.round == 0 ? "the study's initial weights" : "round \(link.round) ended with"
      review.add(.broken, "the round begins with a different model than \(before)", round: round)
    }
    checkMessage(of: manifest, after: link, &review)
  }
}

extension ManifestChain {
  /// Checks the strategy's message before and after a round. Once a message is known, no later round may omit
  /// it, so nobody can pass a round off as one of an earlier version.
  private func checkMessage(
    of manifest: RoundManifest, after link: ChainLink?, _ review: inout ManifestReview
  ) {
    if let expected = link?.message, manifest.messageBefore != expected {
      let before = link.map { $0.round == 0 ? "the study's start" : "round \($0.round)" } ?? ""
      review.add(
        .broken,
        manifest.messageBefore == nil
          ? "the manifest does not name the strategy's message, which \(before) states; install this version of Consilium "
            + "at the coordinator"
          : "the round begins with a different message of the strategy than \(before) states",
        round: manifest.round)
    }
    if manifest.messageBefore != nil, manifest.messageAfter == nil {
      review.add(
        .broken, "the manifest does not name the strategy's message for the next round", round: manifest.round
      )
    }
  }
}

extension ManifestReview {
  mutating func add(_ kind: ManifestFault.Kind, _ message: String, round: Int? = nil) {
    faults.append(ManifestFault(round: round, kind: kind, message: message))
  }
}
